"""What a person calls things: by their IDs or, where only one has it, by their names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias, TypeVar

from api.cli.calls import NOT_FOUND, Refused, ago
from neurond import Alias, ApiError, Client, Dataset, Job, Model

Kind: TypeAlias = Literal["dataset", "job", "model", "alias"]
Thing: TypeAlias = Dataset | Job | Model | Alias

Found = TypeVar("Found", Dataset, Job, Model, Alias)
Listed = TypeVar("Listed", Dataset, Job, Model)
Named = TypeVar("Named", bound=Thing)

NOUNS: Final[dict[str, str]] = {"dataset": "data set", "job": "job", "model": "model", "alias": "alias"}
"""By `object` of an answer."""

LISTS: Final[dict[Kind, str]] = {"dataset": "datasets", "job": "jobs", "model": "models", "alias": "alias"}
"""The commands that list them."""

PREFIXES: Final[dict[str, Kind]] = {"ds_": "dataset", "job_": "job", "model_": "model"}
"""How IDs begin."""

MOST: Final = 10
"""Things of one name that a message lists."""


def dataset(client: Client, text: str, *, otherwise: str = "") -> Dataset:
    """The data set of this ID or name; Refused where there is none, or several. `otherwise`: what else was expected."""
    return _one(client.dataset, client.datasets, text, "dataset", otherwise)


def job(client: Client, text: str) -> Job:
    """The job of this ID or name; Refused where there is none, or several."""
    return _one(client.job, client.jobs, text, "job")


def model(client: Client, text: str) -> Model:
    """The model of this ID, alias or name; Refused where there is none, or several."""
    return _one(client.model, client.models, text, "model")


def _one(
    read: Callable[[str], Listed], listed: Callable[..., Iterator[Listed]], text: str, kind: Kind, otherwise: str = ""
) -> Listed:
    exact = read_or_none(read, text)
    if exact is not None:
        return exact
    named = list(listed(name=text, limit=MOST + 1))
    if not named:
        raise Refused(f"{nothing(text, kind)}{otherwise}")
    if len(named) > 1:
        raise Refused(several(text, named))
    return read(named[0].id)  # a list leaves out what is long


def read_or_none(read: Callable[[str], Found], text: str) -> Found | None:
    """What has this ID, None where nothing has."""
    try:
        return read(text)
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
    return None


def several(text: str, things: Sequence[Thing], *, by_kind: bool = False) -> str:
    """That a name is that of several things, and which."""
    nouns = {NOUNS[thing.object] for thing in things}
    noun = f"{min(nouns)}s" if len(nouns) == 1 else "things"
    count = str(len(things)) if len(things) <= MOST else f"more than {MOST}"
    listed = ", ".join(describe(thing, noun=len(nouns) > 1) for thing in things[:MOST])
    kind = " or --kind" if by_kind and len(nouns) > 1 else ""
    return f"{count} {noun} are called {text}: {listed}; say which by its ID{kind}"


def describe(thing: Thing, *, noun: bool = True) -> str:
    """A thing in a few words, its ID first."""
    when = "built in" if thing.created_at is None else ago(thing.created_at)
    return f"{identifier(thing)} ({NOUNS[thing.object]}, {when})" if noun else f"{identifier(thing)} ({when})"


def identifier(thing: Thing) -> str:
    """By what the API knows it: of an alias, its name."""
    return thing.name if isinstance(thing, Alias) else thing.id


def things(client: Client, text: str, kind: Kind | None = None) -> list[Thing]:
    """All that has this ID or name, of one kind where that is said. An ID is that of one thing alone."""
    readers: dict[Kind, Callable[[str], Any]] = {"dataset": client.dataset, "job": client.job, "model": client.model}
    for prefix, own in PREFIXES.items():
        if text.startswith(prefix) and kind in (None, own):
            exact = read_or_none(readers[own], text)
            if exact is not None:
                return [exact]
    found: list[Thing] = []
    if kind in (None, "alias") and (alias := read_or_none(client.read_alias, text)) is not None:
        found.append(alias)
    if kind in (None, "model"):
        found += client.models(name=text, limit=MOST + 1)
    if kind in (None, "dataset"):
        found += client.datasets(name=text, limit=MOST + 1)
    if kind in (None, "job"):
        found += client.jobs(name=text, limit=MOST + 1)
    return found


def only(found: Sequence[Named], text: str, kind: Kind | None) -> Named:
    """The one thing that was found under a name; Refused where there is none, or several."""
    if not found:
        raise nothing(text, kind)
    if len(found) > 1:
        raise Refused(several(text, found, by_kind=True))
    return found[0]


def nothing(text: str, kind: Kind | None) -> Refused:
    """That there is no such thing, and where to look."""
    kind = kind or next((own for prefix, own in PREFIXES.items() if text.startswith(prefix)), None)
    if kind is None:
        commands = "'neurond datasets', 'jobs', 'models' or 'alias'"
        return Refused(f"nothing is called {text!r}: expected an ID or a name of {commands}")
    return Refused(f"no {NOUNS[kind]} {text!r}: expected an ID or a name of 'neurond {LISTS[kind]}'")


def dataset_names(client: Client, identifiers: Iterable[str]) -> dict[str, str]:
    """What to call data sets, by ID: by their names, but by their IDs where two of them have the same.

    A built-in one is called as its ID is, and one that was deleted has no name any more.
    """
    wanted = {text for text in identifiers if text.startswith("ds_")}
    names: dict[str, str] = {}
    for found in client.datasets() if wanted else ():
        if found.id in wanted:
            names[found.id] = found.name or found.id
        if names.keys() == wanted:
            break
    called = list(names.values())
    return {text: name for text, name in names.items() if called.count(name) == 1}
