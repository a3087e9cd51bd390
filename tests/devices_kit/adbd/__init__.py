"""An Android device of the tests' own: a daemon that speaks adb's transport protocol on a loopback port.

Debian's adb client and server take it for a device. `device.AdbDevice` starts one, `server.AdbServer` is an
adb server that is nobody else's.
"""
