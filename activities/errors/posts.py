"""What posts, likes, comments, answers and their review refuse."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, NotFound


class NoSuchPost(NotFound):
    """No post has that id, or it is not the caller's to see."""

    title = _("There is no post with this id.")


class NoSuchComment(NotFound):
    """No comment has that id, or it is not the caller's to see."""

    title = _("There is no comment with this id.")


class AlreadyPosted(Conflict):
    """The member has posted the same text, and it stands."""

    code = "already_posted"
    title = _("This text has been posted already.")


class PostIsPublished(Conflict):
    """What others have read, liked and answered is not written anew."""

    code = "post_published"
    title = _("A published post stays as it is.")


class PostNotPublished(Conflict):
    """The post is the caller's own, and nobody else sees it yet."""

    code = "post_not_published"
    title = _("This post is not published.")


class OwnPost(Conflict):
    """Nobody likes or reviews a post of their own."""

    code = "own_post"
    title = _("This post is your own.")


class NotAQuestion(Conflict):
    """Only a question has an answer."""

    code = "not_a_question"
    title = _("Only a question can accept an answer.")


class ReviewLeaseLost(Conflict):
    """The operator does not hold the post, or no longer."""

    code = "review_lease_lost"
    title = _("You do not hold this post for review any more. Take it again.")


class PostDecided(Conflict):
    """The post does not wait for what is asked."""

    code = "post_decided"
    title = _("This post has been decided already.")


class ReviewSuperseded(Conflict):
    """The review is undone, or another one came after it."""

    code = "review_superseded"
    title = _("This decision is undone already, or another one came after it.")


class UndoTooLate(Conflict):
    """The time in which a decision can be undone is over."""

    code = "undo_too_late"
    title = _("It is too late to undo this decision.")
