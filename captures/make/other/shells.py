"""OpenSSH, rsync and git."""

from __future__ import annotations

import contextlib
import getpass
import shutil
from collections.abc import Iterator
from pathlib import Path

from captures.make.other.material import folder
from captures.make.other.running import HOST, Protocol, rounds, run, server

_SSHD = """Port 2222
ListenAddress 127.0.0.1
HostKey {scratch}/host
AuthorizedKeysFile {scratch}/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
Subsystem sftp internal-sftp
"""
_SSH = (
    "-F none -i {scratch}/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
    "-o LogLevel=ERROR -c {cipher}"
)
_CIPHERS = ("chacha20-poly1305@openssh.com", "aes128-ctr", "aes256-gcm@openssh.com")


@contextlib.contextmanager
def _sshd(scratch: Path) -> Iterator[None]:
    Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "user"):
        run("ssh-keygen -q -t ed25519 -N '' -f {path}", path=scratch / name)
    (scratch / "sshd.conf").write_text(_SSHD.format(scratch=scratch))
    with server("{sshd} -D -f {scratch}/sshd.conf", 2222, scratch=scratch,
                sshd=shutil.which("sshd") or "sshd"):  # fmt: skip
        yield


def _ssh(scratch: Path, size: int) -> None:
    """A terminal, bytes in both directions, sftp."""
    root, user = folder(scratch, 500_000), getpass.getuser()
    for number in rounds(size, 1_200_000):
        options = _SSH.format(scratch=scratch, cipher=_CIPHERS[number % 3])
        login = f"ssh -p 2222 {options} {user}@{HOST} "
        typed = b"echo hello\nls -l /usr/bin | head -200\nuname -a\nexit\n"
        run(login.replace("ssh ", "ssh -tt ", 1), given=typed)
        run(login + "cat", given=(root / "chance.bin").read_bytes())
        run(login + "cat", given=(root / "zeros.bin").read_bytes())
        run(f"scp -P 2222 {options} -r {root} {user}@{HOST}:{scratch}/copy-{number}")


@contextlib.contextmanager
def _rsyncd(scratch: Path) -> Iterator[None]:
    settings = scratch / "rsyncd.conf"
    root = folder(scratch, 1_000_000)
    settings.write_text(
        f"[files]\npath = {root}\nuse chroot = no\nread only = no\nuid = 0\ngid = 0\n"
    )
    with server("rsync --daemon --no-detach --port 8730 --config {settings}", 8730,
                settings=settings):  # fmt: skip
        yield


def _rsync(scratch: Path, size: int) -> None:
    for number in rounds(size, 900_000):
        run(f"rsync -r rsync://{HOST}:8730/files/ {scratch}/got-{number}")
        changed = scratch / f"got-{number}" / "chance.bin"
        changed.write_bytes(changed.read_bytes()[::-1])
        run(f"rsync -rcz {scratch}/got-{number}/ rsync://{HOST}:8730/files/")


@contextlib.contextmanager
def _git_daemon(scratch: Path) -> Iterator[None]:
    repository = scratch / "base" / "repository"
    shutil.copytree(folder(scratch, 1_000_000), repository)
    git = "git -c user.name=a -c user.email=a@example.org -C {repository} "
    for command in ("init -q", "add .", "commit -q -m files"):
        run(git + command, repository=repository)
    command = "git daemon --reuseaddr --export-all --listen=127.0.0.1 --port=9418"
    with server(command + " --base-path={base}", 9418, base=scratch / "base"):
        yield


def _git(scratch: Path, size: int) -> None:
    for number in rounds(size, 350_000):
        run(f"git clone -q git://{HOST}/repository {scratch}/clone-{number}")
        run(f"git -C {scratch}/clone-{number} fetch -q")


PROTOCOLS = {
    "ssh": Protocol([2222], _sshd, _ssh, ("ssh -V",)),
    "rsync": Protocol([8730], _rsyncd, _rsync, ("rsync --version",)),
    "git": Protocol([9418], _git_daemon, _git, ("git --version",)),
}
