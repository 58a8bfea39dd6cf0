"""The kit's tables: answers kept for a repeated call, and the runs of jobs."""

import datetime as dt

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.fields import IdentifierField


class IdempotencyKey(models.Model):
    """One call that must not happen twice: caller, route and key, with the answer it got."""

    caller = models.CharField(_("caller"), max_length=80)
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(_("key"), max_length=255)
    body_digest = models.BinaryField(_("digest of the body"))
    status = models.PositiveSmallIntegerField(_("status"))
    answer = models.TextField(_("answer, as it was sent"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = (
            models.UniqueConstraint(
                fields=("caller", "route", "key"), name="idempotency_key_once_per_caller_and_route"
            ),
        )
        indexes = (
            # The nightly sweep deletes keys older than seven days.
            models.Index(fields=("created_at",), name="idempotency_keys_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.caller} {self.route} {self.key}"


class RunState(models.TextChoices):
    """What has become of a run."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


UNFINISHED = (RunState.WAITING, RunState.RUNNING)


class JobRunQuerySet(models.QuerySet["JobRun"]):
    """Filters over runs."""

    def unfinished(self) -> "JobRunQuerySet":
        """Runs that still have something to do."""
        return self.filter(state__in=UNFINISHED)

    def free(self) -> "JobRunQuerySet":
        """Unfinished runs that nobody holds, and that are their job's turn.

        Of a job's periods the one that is being worked on goes first, then the oldest. Dry runs
        wait for nobody.
        """
        before = (
            JobRun.objects.unfinished()
            .filter(job=models.OuterRef("job"), is_dry_run=False)
            .filter(
                models.Q(state=RunState.RUNNING) | models.Q(due_at__lt=models.OuterRef("due_at"))
            )
            .exclude(id=models.OuterRef("id"))
        )
        in_turn = models.Q(is_dry_run=True) | ~models.Exists(before)
        return self.unfinished().filter(in_turn, free_at__lte=Now())


class JobRun(models.Model):
    """One period of a job: once for each, whatever happens to workers and messages.

    `free_at` ends the lease of the worker that holds the run, or the pause after a failure: before
    it nobody else takes the run.
    """

    job = IdentifierField(_("job"), max_length=80)
    period = IdentifierField(_("period"), max_length=40)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.WAITING)
    cursor = models.JSONField(_("how far it came"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    alarm = models.TextField(_("to be looked at"), blank=True)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts without progress"), default=0)
    free_at = models.DateTimeField(_("held until"), db_default=Now())
    lease_token = models.UUIDField(_("lease token"), null=True, blank=True)
    requested_by = models.CharField(_("requested by"), max_length=150, blank=True)
    earlier = models.JSONField(_("earlier outcomes"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = (
            models.UniqueConstraint(
                fields=("job", "period"),
                condition=models.Q(is_dry_run=False),
                name="job_runs_once_a_period",
            ),
            models.UniqueConstraint(
                fields=("job",),
                condition=models.Q(state=RunState.RUNNING, is_dry_run=False),
                name="job_works_on_one_period_at_a_time",
            ),
            models.UniqueConstraint(
                fields=("job", "period"),
                condition=models.Q(state__in=UNFINISHED, is_dry_run=True),
                name="job_run_is_tried_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RunState.values), name="job_run_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=RunState.RUNNING, lease_token__isnull=False)
                | (~models.Q(state=RunState.RUNNING) & models.Q(lease_token=None)),
                name="job_run_is_held_while_it_runs",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=UNFINISHED, finished_at=None)
                | (~models.Q(state__in=UNFINISHED) & models.Q(finished_at__isnull=False)),
                name="job_run_has_an_end_when_finished",
            ),
        )
        indexes = (
            # What a worker takes next.
            models.Index(
                fields=("due_at",),
                condition=models.Q(state__in=UNFINISHED),
                name="job_runs_to_do",
            ),
            # A job's latest runs, and the admin's list.
            models.Index(fields=("job", "-due_at"), name="job_runs_by_job"),
        )

    def __str__(self) -> str:
        return f"{self.job} {self.period}"

    @property
    def duration(self) -> dt.timedelta | None:
        """How long it took, pauses between attempts included; None before the end."""
        return self.finished_at - self.started_at if self.finished_at and self.started_at else None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.state not in UNFINISHED
