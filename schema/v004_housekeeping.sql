-- SPDX-License-Identifier: Apache-2.0

-- When the files of a retired version were removed; its row stays as long as something was made from it.
ALTER TABLE version ADD COLUMN freed_at TEXT CHECK (freed_at IS NULL OR state = 'retired');

CREATE TRIGGER version_stays_freed BEFORE UPDATE OF freed_at, state ON version
WHEN OLD.freed_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a version whose files are gone cannot be restored');
END;
