-- Accounts that bear a job together: each its share by weight. 0: the whole amount is booked there.

ALTER TABLE ledger ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
