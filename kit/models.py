"""The kit's one table: answers kept for a repeated call."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


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
