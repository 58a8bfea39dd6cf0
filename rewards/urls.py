"""Routes of the rewards room."""

from django.urls import path

from rewards.views.catalogue import RewardsView, RewardView
from rewards.views.draws import DrawResultsView, DrawsView, DrawTriesView, DrawView
from rewards.views.packets import RedPacketShareView, RedPacketsView, RedPacketView
from rewards.views.redemptions import (
    AddressView,
    CancelView,
    RedemptionsView,
    RedemptionView,
)
from rewards.views.vouchers import VerificationView
from rewards.views.windows import (
    WindowRequestsView,
    WindowRequestView,
    WindowResultsView,
    WindowsView,
    WindowView,
)

urlpatterns = [
    path("rewards/", RewardsView.as_view()),
    path("rewards/<id:id>/", RewardView.as_view()),
    path("redemptions/", RedemptionsView.as_view()),
    path("redemptions/<id:id>/", RedemptionView.as_view()),
    path("redemptions/<id:id>/cancel/", CancelView.as_view()),
    path("redemptions/<id:id>/address/", AddressView.as_view()),
    path("vouchers/<identifier:code>/verification/", VerificationView.as_view()),
    path("windows/", WindowsView.as_view()),
    path("windows/<id:id>/", WindowView.as_view()),
    path("windows/<id:id>/results/", WindowResultsView.as_view()),
    path("windows/<id:id>/requests/", WindowRequestsView.as_view()),
    path("windows/<id:id>/requests/<id:request_id>/", WindowRequestView.as_view()),
    path("draws/", DrawsView.as_view()),
    path("draws/<id:id>/", DrawView.as_view()),
    path("draws/<id:id>/tries/", DrawTriesView.as_view()),
    path("draws/<id:id>/results/", DrawResultsView.as_view()),
    path("red-packets/", RedPacketsView.as_view()),
    path("red-packets/<id:id>/", RedPacketView.as_view()),
    path("red-packets/<id:id>/share/", RedPacketShareView.as_view()),
]
