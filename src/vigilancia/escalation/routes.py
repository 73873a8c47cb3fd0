"""Routes of ladders and their runs."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, answer, answer_by_content, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.escalation import muting, plans, policies, queries, service
from vigilancia.escalation.routes_assignments import AssignmentController
from vigilancia.escalation.schemas import (
    AcknowledgementIn,
    Escalation,
    EscalationPlan,
    Move,
    MoveIn,
    MuteIn,
    Policy,
    PolicyIn,
    PolicyPatch,
    UnmuteIn,
)

_IN_LETTERS = str.maketrans("0123456789", "abcdefghij")  # a version's variant has no digits
_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]
_Flag = Annotated[bool | None, QueryParameter(description="true or false; none: both.")]


class PolicyController(Controller):
    """Ladders of your organisation; deadlines without one climb the default ladder."""

    path = "/escalation-policies"
    tags = ("Escalation",)

    @get(
        operation_id="ListEscalationPolicies",
        summary="List ladders",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        mechanism: _Filter = None,
        active: _Flag = None,
    ) -> Page[Policy]:
        """List the ladders your organisation keeps. Sort by `id`, `name`, `updated_at`."""
        return await policies.find(work, listing, mechanism, active)

    @post(operation_id="KeepEscalationPolicy", summary="Keep a ladder", scope="escalations:write", status_code=201)
    async def keep(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[PolicyIn]
    ) -> Response[Policy]:
        """Keep a ladder for your own cases: for every deadline, or those of a mechanism, rule, actor or nature.

        Of the active ladders the one that names most of a deadline is climbed: a rule counts for more than an actor,
        an actor for more than a nature, a nature for more than a mechanism. Tasks climb those of nature `task`. Runs
        that have started keep theirs. The last day and what comes after always speak; where a ladder lacks the last
        day or the day after, the default ladder's are added.
        """
        return await create_once(
            request, work, lambda: policies.keep(work, data), lambda made: policies.read(work, made)
        )

    @get("/{policy_id:uuid}", operation_id="GetEscalationPolicy", summary="Read a ladder", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], policy_id: FromPath[UUID]
    ) -> Response[Policy]:
        """Read one ladder of your organisation, and how many open runs climb it or would if they began today."""
        return _answer(request, await policies.read(work, policy_id))

    @patch(
        "/{policy_id:uuid}",
        operation_id="ChangeEscalationPolicy",
        summary="Change a ladder",
        scope="escalations:write",
    )
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        policy_id: FromPath[UUID],
        data: JSONBody[PolicyPatch],
    ) -> Response[Policy]:
        """Change the fields you name; rungs are replaced whole. Runs that have started keep the ladder they froze.

        `runs_behind` says how many of them are open and would get another today; `move-runs` moves them.
        """
        await policies.change(work, policy_id, data, expected_version(request))
        return _answer(request, await policies.read(work, policy_id))

    @post(
        "/{policy_id:uuid}/move-runs",
        operation_id="MoveRunsToLadder",
        summary="Move open runs to the ladder as it is now",
        scope="escalations:write",
        status_code=200,
    )
    async def move_runs(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        policy_id: FromPath[UUID],
        data: JSONBody[MoveIn | None] = None,
    ) -> Response[Move]:
        """Move the open runs of your own cases that are behind to the ladder they would get today.

        What was told is not told again, and what lies in the past does not speak late. `{"dry_run": true}` only says
        how many there are. A very long list is moved in several requests: repeat until `moved` is 0.
        """
        done: list[Move] = []

        async def carry_out() -> UUID:
            done.append(await policies.move_runs(work, policy_id, data or MoveIn()))
            return policy_id

        async def tell(_: UUID) -> Move:
            return done[0] if done else await policies.move_runs(work, policy_id, MoveIn(dry_run=True))

        return await create_once(request, work, carry_out, tell, status_code=200)

    @delete(
        "/{policy_id:uuid}",
        operation_id="RemoveEscalationPolicy",
        summary="Remove a ladder",
        scope="escalations:write",
        status_code=204,
    )
    async def remove(self, request: ApiRequest, work: NamedDependency[Work], policy_id: FromPath[UUID]) -> None:
        """Remove a ladder; runs that started from it go on with the copy they froze."""
        await policies.put_away(work, policy_id, expected_version(request))


class EscalationController(Controller):
    """The climb of each deadline's ladder."""

    path = "/escalations"
    tags = ("Escalation",)

    @get(
        operation_id="ListEscalations",
        summary="List runs of ladders",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: _Filter = None,
        deadline_id: _Filter = None,
        task_id: _Filter = None,
    ) -> Page[Escalation]:
        """List the runs of your own cases and of those you are told about, each with its rungs done and to come.

        Sort by `id`, `started_at`, `updated_at`, `due_on`.
        """
        return await queries.find(work, listing, complaint_id, deadline_id, task_id)

    @get("/{escalation_id:uuid}", operation_id="GetEscalation", summary="Read a run", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], escalation_id: FromPath[UUID]
    ) -> Response[Escalation]:
        """Read one run: rungs done and to come with their instants, acknowledgements, and what comes next."""
        return answer_by_content(request, await queries.read(work, escalation_id))

    @get(
        "/{escalation_id:uuid}/plan",
        operation_id="GetEscalationPlan",
        summary="Read what a run will do",
        scope="notices:read",
    )
    async def plan(
        self, request: ApiRequest, work: NamedDependency[Work], escalation_id: FromPath[UUID]
    ) -> Response[EscalationPlan]:
        """Read every rung to come and whom it would reach today; for those who may record in the case."""
        return answer_by_content(request, await plans.read(work, escalation_id))

    @post(
        "/{escalation_id:uuid}/acknowledge",
        operation_id="AcknowledgeEscalation",
        summary="Say that you have it in hand",
        scope="escalations:write",
        status_code=200,
    )
    async def acknowledge(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        escalation_id: FromPath[UUID],
        data: JSONBody[AcknowledgementIn | None] = None,
    ) -> Response[Escalation]:
        """Say that your organisation has a deadline in hand; reminders to it rest for 24 hours, or as long as you say.

        The last day and a missed date always speak. `{}` will do, and so will no body.
        """
        return await create_once(
            request,
            work,
            lambda: service.acknowledge(work, escalation_id, data or AcknowledgementIn()),
            lambda run_id: queries.read(work, run_id),
            status_code=200,
        )

    @post(
        "/{escalation_id:uuid}/mute",
        operation_id="MuteRung",
        summary="Mute a warning, with a reason",
        scope="escalations:write",
        status_code=200,
    )
    async def mute(
        self, request: ApiRequest, work: NamedDependency[Work], escalation_id: FromPath[UUID], data: JSONBody[MuteIn]
    ) -> Response[Escalation]:
        """Mute one rung to come, for everybody it would speak to; for those who may record in the case.

        The rung stays muted if the day moves. Rungs that always speak, the last day and after among them, cannot be
        muted. It stands on the timeline; the reason is told only to those who read the case.
        """
        return await create_once(
            request,
            work,
            lambda: muting.mute(work, escalation_id, data),
            lambda run_id: queries.read(work, run_id),
            status_code=200,
        )

    @post(
        "/{escalation_id:uuid}/unmute",
        operation_id="UnmuteRung",
        summary="Let a muted warning speak",
        scope="escalations:write",
        status_code=200,
    )
    async def unmute(
        self, request: ApiRequest, work: NamedDependency[Work], escalation_id: FromPath[UUID], data: JSONBody[UnmuteIn]
    ) -> Response[Escalation]:
        """Let a muted rung to come speak after all; for those who may record in the case."""
        return await create_once(
            request,
            work,
            lambda: muting.unmute(work, escalation_id, data),
            lambda run_id: queries.read(work, run_id),
            status_code=200,
        )


def _answer(request: ApiRequest, policy: Policy) -> Response[Policy]:
    """Answer with a ladder; how many runs climb it changes without its version, and makes another view of it."""
    runs = f"{policy.open_runs}-{policy.runs_behind}" if policy.open_runs else ""
    return answer(request, policy, variant=runs.translate(_IN_LETTERS))


controllers: list[type[Controller]] = [PolicyController, EscalationController, AssignmentController]
