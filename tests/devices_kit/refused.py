"""What a wire says that leads nowhere."""

from __future__ import annotations

import pytest

from deploy_tools.devices.wire.wire import Wire
from edge.errors import DeviceError
from tests.processes import nothing_left


def refused(wire: Wire) -> str:
    """The error of a first command, in one line; nothing may be left of the attempt."""
    with nothing_left():
        with pytest.raises(DeviceError) as raised:
            wire.run(["true"])
        wire.close()
    return raised.value.one_line()
