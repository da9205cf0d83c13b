"""What a tool says of itself beside its signature: `@imgen.tool(...)`, and the models that it runs: `@imgen.uses(...)`.

Neither is needed: a plain function is a tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import ImgenError, ToolError
from .dynamic import told

F = TypeVar("F", bound=Callable[..., Any])
Models = Mapping[str, Sequence[str]]  # by the value of a parameter
GIVEN = "*"  # in place of a value: whatever is given
Parameters = dict[str, Any]
Migration = Callable[[Parameters], Parameters]


@dataclass(frozen=True)
class About:
    """What `@imgen.tool` says; see there."""

    group: str = ""
    synonyms: tuple[str, ...] = ()
    icon: str = ""
    expensive: bool = False
    cache: bool = True
    version: int = 1
    former_names: tuple[str, ...] = ()
    migrate: Mapping[int, Migration] = field(default_factory=dict[int, Migration])
    local: bool = False

    def migrated(self, tool: str, parameters: Parameters, version: int) -> Parameters:
        """Parameters of an older version of the tool as the present one takes them.

        Raises:
            ToolError: they are of a newer version, or a migration failed.
        """
        if version > self.version:
            raise ToolError(
                f"{tool}: the recipe is for its version {version}, here is {self.version}; update its plugin"
            )
        for step in range(version, self.version):
            try:
                parameters = self.migrate[step](dict(parameters)) if step in self.migrate else parameters
            except ImgenError as error:
                raise ToolError(f"{tool}: {error}") from error
            except Exception as error:
                raise ToolError(
                    f"{tool}: the recipe's parameters of version {step} cannot be carried over ({error!r}); "
                    "add the step anew"
                ) from error
        return parameters


@dataclass(frozen=True)
class Uses:
    """What `@imgen.uses` says; see there."""

    always: tuple[str, ...] = ()
    chosen: Mapping[str, Models | Callable[[], Models]] = field(default_factory=dict[str, Any])

    def by_value(self, parameter: str) -> Models:
        """The models that a parameter's values choose."""
        given = self.chosen[parameter]
        return told(given, {}) if callable(given) else given

    def all(self) -> Iterator[str]:
        """Every model that may run; one may come twice."""
        yield from self.always
        for parameter in self.chosen:
            for names in self.by_value(parameter).values():
                yield from names

    def of(self, parameters: Mapping[str, Any]) -> Iterator[str]:
        """The models that run with these parameters."""
        yield from self.always
        for parameter in self.chosen:
            models, value = self.by_value(parameter), parameters.get(parameter)
            any_value = () if value is None else models.get(GIVEN, ())
            yield from models.get(str(value), any_value)


def tool(
    *,
    group: str = "",
    synonyms: Sequence[str] = (),
    icon: str = "",
    expensive: bool = False,
    cache: bool = True,
    version: int = 1,
    former_names: Sequence[str] = (),
    migrate: Mapping[int, Migration] | None = None,
    local: bool = False,
) -> Callable[[F], F]:
    """Say more of a tool than its signature does.

    Args:
        group: where it stands in lists: "Select", "Cut out", "Restore", "Adjust", "Colour", "Style", "Faces",
            "Document", "Lab", or one of your own.
        synonyms: what people search for when they mean it: "remove background".
        icon: the name of one of the editor's icons.
        expensive: it takes long or costs money: live previews leave it out unless they are asked for it.
        cache: False for a tool whose result may be another each time, as from a service: it is neither kept nor reused.
        version: raise it when old parameters would mean something else or are refused.
        former_names: under which old recipes and commands still find it.
        migrate: for a version, what makes its parameters those of the next. A version without one keeps them.
        local: a pixel depends on its surroundings alone (some 200 pixels): parts can be previewed at full size.

    Raises:
        ToolError: a version below 1, or a migration of a version that is not below `version`.
    """
    migrations = dict(migrate or {})
    about = About(group, tuple(synonyms), icon, expensive, cache, version, tuple(former_names), migrations, local)
    wrong = [step for step in about.migrate if not 0 < step < version]
    if version < 1 or wrong:
        raise ToolError(f"a tool's version {version} and migrations from {wrong}: they lead from 1, 2, ... to it")

    def mark(function: F) -> F:
        function.__dict__["imgen_about"] = about
        return function

    return mark


def uses(*models: str, **chosen: Models | Callable[[], Models]) -> Callable[[F], F]:
    """Declare the models that a tool runs, so that recipes record them and the editor shows their licence.

    Args:
        models: those that it always runs.
        chosen: for a parameter, the models that it runs further with each of its values; or a function that tells
            them, asked when they are needed. "*" stands for any other value but None.
    """

    def mark(function: F) -> F:
        function.__dict__["imgen_uses"] = Uses(models, chosen)
        return function

    return mark


def about(function: Callable[..., Any]) -> About:
    """What a function's decorator says, or what holds without one."""
    return getattr(function, "imgen_about", About())


def used(function: Callable[..., Any]) -> Uses:
    """The models that a function's decorator names."""
    return getattr(function, "imgen_uses", Uses())
