"""Which jobs there are, and when each is due: a module for each room."""

from pointsvc.timetable import activities, house, points, rewards, voting

JOBS = (*activities.JOBS, *points.JOBS, *rewards.JOBS, *voting.JOBS, *house.JOBS)
