"""A month of posts for the demo community: written, reviewed, liked, commented and answered."""

# ruff: noqa: RUF001 - Chinese is written with its own punctuation

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model

from activities import selectors, services
from members.models import Member, MemberState

REVIEWER = "reviewer"
DAYS = 30
POSTS = 48
LEFT_WAITING = dt.timedelta(hours=30)
"""What was written since then nobody has reviewed yet."""

TEXTS: Sequence[tuple[str, str, str, tuple[str, ...]]] = (
    (
        *("post", "garden", "阳台番茄日记：第 {n} 周"),
        (
            "今天给番茄换了大盆，底部垫了陶粒。",
            "叶子有点卷，应该是浇水太勤了。",
            "下周打算搭架子，顺便试试群里推荐的有机肥。",
            "第一颗果子终于红了，家里人抢着拍照。",
            "早上发现两只蚜虫，用肥皂水擦掉了。",
            "大家的番茄长得怎么样？",
        ),
    ),
    (
        *("post", "garden", "What survived the frost, part {n}"),
        (
            "The night went down to minus three.",
            "The kale did not mind, the rosemary sulked.",
            "Two tomatoes that I had forgotten under a sheet are still alive.",
            "Next year I shall cover the beds a week earlier.",
            "The compost was steaming in the morning, which I count as a success.",
            "I moved the pots against the south wall and wrapped them in old towels.",
        ),
    ),
    (
        *("question", "kitchen", "酵母面团总是发不起来，怎么办？（{n}）"),
        (
            "室温大约 20 度，发了三个小时体积几乎没变。",
            "酵母是上个月买的，一直放在冰箱。",
            "水温用手摸是温的。",
            "面粉换成了全麦，不知道有没有关系。",
            "盖了湿布，表面还是有点干。",
            "是酵母失效了还是温度不够？",
        ),
    ),
    (
        *("question", "bicycles", "Which lube for a wet winter? ({n})"),
        (
            "I ride to work every day, rain or not.",
            "The chain is orange by Friday.",
            "Is wax worth the trouble in this weather?",
            "I clean it every second Sunday, and that seems not to be enough.",
            "Do you use something thicker and clean more often?",
            "The shop sold me something that smells of bananas and lasts a day.",
        ),
    ),
    (
        *("post", "photos", "雨后的老城（第 {n} 组）"),
        (
            "下班路上刚好雨停，石板路上全是倒影。",
            "用手机拍的，没有修图。",
            "最后一张等了二十分钟才等到一个撑红伞的人。",
            "巷口的猫一点也不怕镜头。",
            "原图放在这里：https://photos.example/old-town 喜欢的话点个赞。",
            "下次想去拍清晨的菜市场，有人一起吗？",
        ),
    ),
    (
        *("post", "books", "读书笔记 No. {n}: slow reading"),
        (
            "这个月只读了一本书, but I read it twice.",
            "第一遍看情节，第二遍看句子。",
            "慢读的好处是会停下来想：作者为什么在这里换了一个词？",
            "The translation is good, yet the jokes are better in the original.",
            "推荐给没有时间的人。",
            "图书馆还有两本，想看的可以去借。",
        ),
    ),
    (
        *("post", "bicycles", "周末骑行路线 {n}：沿河 42 公里"),
        (
            "起点在南桥，一路沿河向东。",
            "大部分是绿道，只有两处要推行。",
            "中途有一家豆花店，老板很热情。",
            "全程大约三个小时，爬升不到一百米，适合第一次长途的朋友。",
            "回程顶风，记得留一点体力。",
            "路书已经传到群文件里了。",
        ),
    ),
    (
        *("post", "kitchen", "Five minute pickles, batch {n}"),
        (
            "Slice two cucumbers, salt them, wait while the kettle boils.",
            "Half a cup of vinegar, a spoon of sugar, a little chilli.",
            "They are good after five minutes and better tomorrow.",
            "This time I added ginger, and the children asked for more.",
            "Do not use the soft ones from the bottom of the drawer.",
            "A friend puts in a slice of apple; I am not convinced yet.",
        ),
    ),
)
WEAK = ("打卡", "看这里 https://shop.example/offer", "https://shop.example/offer")
REASONS = ("内容是广告，社区不发推广链接。", "Too short to be of use; tell us a little more.")
COMMENTS = (
    *("太有用了，收藏！", "Thank you, I shall try this on Sunday.", "照片真好看"),
    *("我家的也是这样 😂", "How long did it take?", "同问，蹲一个答案", "Great write-up 👍"),
)
ANSWERS = (
    "先用温水加一点糖测试酵母，十分钟不起泡就是失效了。水温控制在 35 度左右。",
    "Wet lube, and wipe it every second day. Wax only pays when the road is dry.",
    "我用烤箱加一杯热水当发酵箱，冬天也没有失败过。",
)


@dataclass(frozen=True, slots=True)
class _Deed:
    """Something that is done at an instant."""

    at: dt.datetime
    number: int
    """Of the post it belongs to."""
    kind: str
    who: int = 0
    text: str = ""


def load_posts(*, now: dt.datetime, seed: int) -> None:
    """Have the members who are there post, like and answer for the month that ends at `now`.

    Everything goes through the services, in the order of time, and comes out the same for the same
    members, instant and seed. The last day's posts are left for the review queue. Where anybody has
    posted before nothing is done.
    """
    if selectors.has_posts():
        return
    chance = random.Random(f"posts {seed}")  # noqa: S311 - seeded, not secret
    people = list(
        Member.objects.filter(
            state=MemberState.ACTIVE, joined_at__lte=now - dt.timedelta(days=DAYS)
        ).order_by("id")[:40]
    )
    if len(people) < len(COMMENTS):
        return
    _Month(chance, people, _reviewer()).live(_deeds(chance, people, now))


@dataclass(frozen=True, slots=True)
class _Made:
    """A post that somebody wrote."""

    id: int
    author: int
    kind: str


class _Month:
    """What has come of the posts so far."""

    def __init__(self, chance: random.Random, people: Sequence[Member], reviewer: int) -> None:
        self.chance, self.people, self.reviewer = chance, people, reviewer
        self.posts: dict[int, _Made] = {}
        self.published: set[int] = set()
        self.answered: set[int] = set()

    def live(self, deeds: Sequence[_Deed]) -> None:
        """Do what is done, one after the other."""
        for deed in deeds:
            if deed.kind == "write":
                self._write(deed)
            elif deed.kind == "review":
                self._review(deed)
            elif deed.number in self.published:
                self._reply(deed, self.posts[deed.number])

    def _write(self, deed: _Deed) -> None:
        kind, topic, title, sentences = TEXTS[deed.number % len(TEXTS)]
        picked = self.chance.sample(sentences, self.chance.randrange(3, len(sentences)))
        made = services.write_post(
            author=self.people[deed.who].id,
            kind=kind,
            title=title.format(n=deed.number // len(TEXTS) + 1),
            body=deed.text or " ".join(picked),
            topic=topic,
            now=deed.at,
        )
        self.posts[deed.number] = _Made(made.id, made.author_id, kind)

    def _review(self, deed: _Deed) -> None:
        """Decide about the post; what is weak is rejected, the best of it is featured."""
        post = self.posts[deed.number]
        services.claim_posts(by=self.reviewer, count=50)
        is_weak = bool(deed.text)
        grade = None if is_weak else self.chance.choice((2, 3, 3, 4, 4, 5))
        is_best = grade == 5  # noqa: PLR2004 - the best
        decision = "featured" if is_best else "approved"
        services.decide_post(
            post=post.id,
            by=self.reviewer,
            decision="rejected" if is_weak else decision,
            grade=grade,
            reason=deed.text,
            now=deed.at,
        )
        if not is_weak:
            self.published.add(deed.number)

    def _reply(self, deed: _Deed, post: _Made) -> None:
        who = self.people[deed.who].id
        if deed.kind == "like" and who != post.author:
            services.like_post(post=post.id, member=who, now=deed.at)
        elif deed.kind == "say":
            said = services.write_comment(post=post.id, author=who, body=deed.text, now=deed.at)
            is_answer = deed.text in ANSWERS and post.kind == "question"
            if is_answer and who != post.author and deed.number not in self.answered:
                self.answered.add(deed.number)
                services.accept_answer(
                    question=post.id, comment=said.id, author=post.author, now=deed.at
                )


def _deeds(chance: random.Random, people: Sequence[Member], now: dt.datetime) -> list[_Deed]:
    """Return all that is done in the month, in the order of time; nothing after its end."""
    deeds = [
        deed
        for number in range(POSTS)
        for deed in _story(chance, len(people), number, now)
        if deed.at <= now
    ]
    return sorted(deeds, key=lambda deed: (deed.at, deed.number, deed.kind, deed.who))


def _story(chance: random.Random, people: int, number: int, now: dt.datetime) -> Iterator[_Deed]:
    """Yield what is done with one post: written, reviewed within a day, and then talked about."""
    began = now - dt.timedelta(days=DAYS)
    step = dt.timedelta(days=DAYS) / POSTS
    at = began + step * number + step * chance.random()
    is_weak = chance.random() < 0.1  # noqa: PLR2004 - a tenth
    weak = chance.choice(WEAK) if is_weak else ""
    yield _Deed(at, number, "write", chance.randrange(people), weak)
    if at > now - LEFT_WAITING:
        return
    at += dt.timedelta(hours=chance.uniform(1, 20))
    yield _Deed(at, number, "review", text=chance.choice(REASONS) if is_weak else "")
    for fan in chance.sample(range(people), chance.randrange(2, 8)):
        yield _Deed(at + dt.timedelta(hours=chance.expovariate(1 / 12)), number, "like", fan)
    texts = COMMENTS if TEXTS[number % len(TEXTS)][0] == "post" else COMMENTS + ANSWERS * 2
    for speaker in chance.sample(range(people), chance.randrange(0, 4)):
        later = at + dt.timedelta(hours=chance.expovariate(1 / 10))
        yield _Deed(later, number, "say", speaker, chance.choice(texts))


def _reviewer() -> int:
    """Return the demo's reviewer, whom nobody can log in as."""
    users = get_user_model()
    found = users.objects.filter(username=REVIEWER).first()
    if found is None:
        found = users.objects.create_user(username=REVIEWER)
    return int(found.pk)
