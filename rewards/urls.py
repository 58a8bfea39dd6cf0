"""Routes of the rewards room."""

from django.urls import path

from rewards.views.catalogue import RewardsView, RewardView
from rewards.views.redemptions import (
    AddressView,
    CancelView,
    RedemptionsView,
    RedemptionView,
)
from rewards.views.vouchers import VerificationView

urlpatterns = [
    path("rewards/", RewardsView.as_view()),
    path("rewards/<id:id>/", RewardView.as_view()),
    path("redemptions/", RedemptionsView.as_view()),
    path("redemptions/<id:id>/", RedemptionView.as_view()),
    path("redemptions/<id:id>/cancel/", CancelView.as_view()),
    path("redemptions/<id:id>/address/", AddressView.as_view()),
    path("vouchers/<identifier:code>/verification/", VerificationView.as_view()),
]
