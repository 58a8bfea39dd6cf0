"""The PostgreSQL that comes with the wheel, for `make run` and `make test`.

It listens on a socket only, in a folder that only its owner enters. PostgreSQL refuses to run as
root, so root lends it to the system user `pgserver`; where that user cannot reach the project
(a clone in a private home), data and binaries live in /var/lib and `var/postgres` points there.
"""
