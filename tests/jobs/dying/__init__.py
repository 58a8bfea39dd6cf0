"""`python -m tests.jobs.dying`: workers that die at every step of KILLED_JOB."""
