-- Whoever is admitted begins in the same transaction: nobody looks for `due` any more. The column stays, as
-- SQLite drops none before 3.35.

DROP INDEX jobs_due;
