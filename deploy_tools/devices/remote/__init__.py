"""Devices that a wire leads to: checked before anything is sent, provisioned with a runner, run from here."""
