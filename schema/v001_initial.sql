-- SPDX-License-Identifier: Apache-2.0
--
-- Tables are named in the singular; the views for people (v002_views.sql) in the plural.
-- Boxes are half-open, in voxels of scale level 0, axes z, y, x. Times are UTC, ISO 8601.
-- Unsigned 64-bit numbers (label values, instance ids, seeds) are stored bit for bit in SQLite's
-- signed integers.

CREATE TABLE database_info (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL CHECK (length(uuid) = 36),
  journal TEXT NOT NULL CHECK (journal IN ('wal', 'delete')),
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE dataset (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  name TEXT NOT NULL UNIQUE COLLATE NOCASE
    CHECK (name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9_.-]*'
      AND name GLOB '*[A-Za-z]*' AND lower(name) <> 'zarr.json'),
  organism TEXT,
  tissue TEXT,
  modality TEXT,
  instrument TEXT,
  licence TEXT,
  citation TEXT,
  note TEXT,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE volume (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  dataset_id INTEGER NOT NULL REFERENCES dataset (id),
  name TEXT NOT NULL COLLATE NOCASE
    CHECK (name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9_.-]*'
      AND name GLOB '*[A-Za-z]*' AND lower(name) <> 'zarr.json'),
  kind TEXT NOT NULL CHECK (kind IN ('image', 'label', 'prediction', 'probability')),
  note TEXT,
  -- The number the next version gets. It only grows, so that no number is given twice.
  next_number INTEGER NOT NULL DEFAULT 1 CHECK (next_number >= 1),
  created_at TEXT NOT NULL,
  UNIQUE (dataset_id, name)
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  kind TEXT NOT NULL CHECK (kind GLOB '[a-z]*' AND kind NOT GLOB '*[^a-z-]*'),
  state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'stopped')),
  command TEXT,
  parameters TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parameters)),
  seed INTEGER,
  program_version TEXT NOT NULL,
  host TEXT NOT NULL,
  cpu TEXT NOT NULL,
  process_id INTEGER,
  started_at TEXT NOT NULL,
  heartbeat_at TEXT NOT NULL,
  ended_at TEXT,
  progress_done INTEGER NOT NULL DEFAULT 0 CHECK (progress_done >= 0),
  progress_total INTEGER CHECK (progress_total >= 0),
  error TEXT,
  warnings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
  CHECK ((state = 'running') = (ended_at IS NULL)),
  CHECK (state = 'failed' OR error IS NULL)
) STRICT;

CREATE TABLE version (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  volume_id INTEGER NOT NULL REFERENCES volume (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  state TEXT NOT NULL DEFAULT 'staging'
    CHECK (state IN ('staging', 'sealed', 'committed', 'retired')),
  parent_id INTEGER REFERENCES version (id),
  -- The image version that a label, prediction or probability version belongs to.
  image_id INTEGER REFERENCES version (id),
  run_id INTEGER REFERENCES run (id),
  data_type TEXT NOT NULL CHECK (data_type IN ('bool', 'int8', 'int16', 'int32', 'int64',
    'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64')),
  shape_z INTEGER NOT NULL CHECK (shape_z > 0),
  shape_y INTEGER NOT NULL CHECK (shape_y > 0),
  shape_x INTEGER NOT NULL CHECK (shape_x > 0),
  voxel_z_nm REAL NOT NULL CHECK (voxel_z_nm > 0),
  voxel_y_nm REAL NOT NULL CHECK (voxel_y_nm > 0),
  voxel_x_nm REAL NOT NULL CHECK (voxel_x_nm > 0),
  origin_z_nm REAL NOT NULL DEFAULT 0,
  origin_y_nm REAL NOT NULL DEFAULT 0,
  origin_x_nm REAL NOT NULL DEFAULT 0,
  chunk_z INTEGER NOT NULL CHECK (chunk_z > 0),
  chunk_y INTEGER NOT NULL CHECK (chunk_y > 0),
  chunk_x INTEGER NOT NULL CHECK (chunk_x > 0),
  shard_z INTEGER NOT NULL CHECK (shard_z > 0 AND shard_z % chunk_z = 0),
  shard_y INTEGER NOT NULL CHECK (shard_y > 0 AND shard_y % chunk_y = 0),
  shard_x INTEGER NOT NULL CHECK (shard_x > 0 AND shard_x % chunk_x = 0),
  levels INTEGER NOT NULL CHECK (levels >= 1),
  -- What a stored value is multiplied by to give the probability it stands for.
  value_scale REAL,
  -- Where the version lies under the database's folder, and where it is being written.
  path TEXT NOT NULL UNIQUE,
  staging_path TEXT,
  content_hash BLOB CHECK (length(content_hash) = 16),
  histogram TEXT CHECK (histogram IS NULL OR json_valid(histogram)),
  display_minimum REAL,
  display_maximum REAL,
  note TEXT,
  created_at TEXT NOT NULL,
  committed_at TEXT,
  retired_at TEXT,
  UNIQUE (volume_id, number),
  CHECK ((state IN ('committed', 'retired')) = (committed_at IS NOT NULL)),
  CHECK ((state = 'retired') = (retired_at IS NOT NULL)),
  CHECK (state IN ('staging', 'sealed') OR content_hash IS NOT NULL),
  CHECK (state NOT IN ('staging', 'sealed') OR staging_path IS NOT NULL)
) STRICT;

CREATE INDEX version_by_parent ON version (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX version_by_image ON version (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX version_by_run ON version (run_id) WHERE run_id IS NOT NULL;

CREATE TRIGGER version_stays_committed BEFORE UPDATE OF state ON version
WHEN OLD.state IN ('committed', 'retired') AND NEW.state NOT IN ('committed', 'retired')
BEGIN
  SELECT RAISE(ABORT, 'a committed version is never reopened');
END;

CREATE TRIGGER version_never_changes BEFORE UPDATE OF uuid, volume_id, number, parent_id, image_id,
  run_id, data_type, shape_z, shape_y, shape_x, voxel_z_nm, voxel_y_nm, voxel_x_nm, origin_z_nm,
  origin_y_nm, origin_x_nm, chunk_z, chunk_y, chunk_x, shard_z, shard_y, shard_x, levels,
  value_scale, content_hash, committed_at ON version
WHEN OLD.state IN ('committed', 'retired')
BEGIN
  SELECT RAISE(ABORT, 'a committed version never changes');
END;

CREATE TABLE tag (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  volume_id INTEGER NOT NULL REFERENCES volume (id),
  -- Holds a letter, so that a tag is neither a number nor a date.
  name TEXT NOT NULL COLLATE NOCASE
    CHECK (name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9_.-]*' AND name GLOB '*[A-Za-z]*'),
  version_id INTEGER NOT NULL REFERENCES version (id),
  created_at TEXT NOT NULL,
  UNIQUE (volume_id, name)
) STRICT;

CREATE TABLE class (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  name TEXT NOT NULL UNIQUE COLLATE NOCASE
    CHECK (name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*'),
  colour TEXT CHECK (colour GLOB '#[0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F]'),
  -- The term of an ontology, as in GO:0005739.
  term TEXT,
  note TEXT
) STRICT;

CREATE TABLE class_synonym (
  name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE CHECK (length(name) > 0),
  class_id INTEGER NOT NULL REFERENCES class (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER class_synonym_is_no_name BEFORE INSERT ON class_synonym
WHEN EXISTS (SELECT 1 FROM class WHERE name = NEW.name)
BEGIN
  SELECT RAISE(ABORT, 'a synonym is not the name of a class');
END;

CREATE TRIGGER class_name_is_no_synonym BEFORE INSERT ON class
WHEN EXISTS (SELECT 1 FROM class_synonym WHERE name = NEW.name)
BEGIN
  SELECT RAISE(ABORT, 'the name of a class is not a synonym');
END;

-- What the values of a version mean. Semantic: one value, one class. Instance: every value but 0
-- is the id of an object of the class. Probability: the values say how likely the class is.
CREATE TABLE version_class (
  id INTEGER PRIMARY KEY,
  version_id INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  class_id INTEGER NOT NULL REFERENCES class (id),
  mode TEXT NOT NULL CHECK (mode IN ('semantic', 'instance', 'probability')),
  value INTEGER,
  CHECK ((mode = 'semantic') = (value IS NOT NULL)),
  UNIQUE (version_id, value)
) STRICT;

CREATE UNIQUE INDEX version_class_whole ON version_class (version_id) WHERE value IS NULL;

-- Where a label was really annotated, a prediction really computed, an image really given.
-- Outside, what is there is unknown. The class is NULL for images.
CREATE TABLE coverage (
  id INTEGER PRIMARY KEY,
  version_id INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  class_id INTEGER REFERENCES class (id),
  run_id INTEGER REFERENCES run (id),
  z_start INTEGER NOT NULL CHECK (z_start >= 0),
  y_start INTEGER NOT NULL CHECK (y_start >= 0),
  x_start INTEGER NOT NULL CHECK (x_start >= 0),
  z_end INTEGER NOT NULL CHECK (z_end > z_start),
  y_end INTEGER NOT NULL CHECK (y_end > y_start),
  x_end INTEGER NOT NULL CHECK (x_end > x_start)
) STRICT;

CREATE INDEX coverage_by_version ON coverage (version_id, class_id);

CREATE TABLE split (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  volume_id INTEGER NOT NULL REFERENCES volume (id) ON DELETE CASCADE,
  part TEXT NOT NULL CHECK (part IN ('train', 'validation', 'test')),
  z_start INTEGER NOT NULL CHECK (z_start >= 0),
  y_start INTEGER NOT NULL CHECK (y_start >= 0),
  x_start INTEGER NOT NULL CHECK (x_start >= 0),
  z_end INTEGER NOT NULL CHECK (z_end > z_start),
  y_end INTEGER NOT NULL CHECK (y_end > y_start),
  x_end INTEGER NOT NULL CHECK (x_end > x_start)
) STRICT;

CREATE INDEX split_by_volume ON split (volume_id);

-- One stored object. Versions of one volume share the shards that they have in common.
CREATE TABLE shard (
  id INTEGER PRIMARY KEY,
  volume_id INTEGER NOT NULL REFERENCES volume (id),
  -- Relative to the version's folder, as in 0/c/3/0/1: level, then the index in the grid of shards.
  key TEXT NOT NULL,
  level INTEGER NOT NULL CHECK (level >= 0),
  z INTEGER NOT NULL CHECK (z >= 0),
  y INTEGER NOT NULL CHECK (y >= 0),
  x INTEGER NOT NULL CHECK (x >= 0),
  byte_count INTEGER NOT NULL CHECK (byte_count > 0),
  -- XXH3-128 of the stored bytes.
  hash BLOB NOT NULL CHECK (length(hash) = 16),
  UNIQUE (id, key)
) STRICT;

CREATE INDEX shard_by_volume ON shard (volume_id, level, z);

CREATE TABLE version_shard (
  version_id INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  shard_id INTEGER NOT NULL,
  PRIMARY KEY (version_id, key),
  FOREIGN KEY (shard_id, key) REFERENCES shard (id, key)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX version_shard_by_shard ON version_shard (shard_id, version_id);

-- One row a chunk of level 0 that is stored; a chunk without a row holds the fill value.
-- z, y, x is the index in the grid of chunks of the whole array.
CREATE TABLE chunk_statistic (
  shard_id INTEGER NOT NULL REFERENCES shard (id) ON DELETE CASCADE,
  z INTEGER NOT NULL CHECK (z >= 0),
  y INTEGER NOT NULL CHECK (y >= 0),
  x INTEGER NOT NULL CHECK (x >= 0),
  minimum REAL,
  maximum REAL,
  -- Voxels inside the array that are not 0.
  nonzero INTEGER NOT NULL CHECK (nonzero >= 0),
  -- XXH3-128 of the decoded voxels inside the array.
  hash BLOB NOT NULL CHECK (length(hash) = 16),
  PRIMARY KEY (shard_id, z, y, x)
) STRICT, WITHOUT ROWID;

-- Voxels by value in chunks of semantic volumes; values without voxels have no row.
CREATE TABLE chunk_value (
  shard_id INTEGER NOT NULL,
  z INTEGER NOT NULL,
  y INTEGER NOT NULL,
  x INTEGER NOT NULL,
  value INTEGER NOT NULL,
  voxels INTEGER NOT NULL CHECK (voxels > 0),
  PRIMARY KEY (shard_id, z, y, x, value),
  FOREIGN KEY (shard_id, z, y, x) REFERENCES chunk_statistic (shard_id, z, y, x) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The part of one object that lies in one shard; its box is in fragment_box under the same id.
CREATE TABLE instance_fragment (
  id INTEGER PRIMARY KEY,
  shard_id INTEGER NOT NULL REFERENCES shard (id) ON DELETE CASCADE,
  class_id INTEGER NOT NULL REFERENCES class (id),
  instance INTEGER NOT NULL CHECK (instance <> 0),
  voxels INTEGER NOT NULL CHECK (voxels > 0),
  -- Sums of the voxels' positions: divided by voxels they give the centroid.
  sum_z INTEGER NOT NULL CHECK (sum_z >= 0),
  sum_y INTEGER NOT NULL CHECK (sum_y >= 0),
  sum_x INTEGER NOT NULL CHECK (sum_x >= 0),
  UNIQUE (shard_id, class_id, instance)
) STRICT;

CREATE INDEX instance_fragment_by_instance ON instance_fragment (instance, shard_id);

-- Boxes of fragments with inclusive maxima. The volume is the first dimension, so that a search
-- in one volume does not wade through the others.
CREATE VIRTUAL TABLE fragment_box USING rtree_i32 (
  id, volume_min, volume_max, z_min, z_max, y_min, y_max, x_min, x_max
);

CREATE TRIGGER fragment_box_goes AFTER DELETE ON instance_fragment
BEGIN
  DELETE FROM fragment_box WHERE id = OLD.id;
END;

CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  name TEXT NOT NULL UNIQUE COLLATE NOCASE
    CHECK (name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9_.-]*'
      AND name GLOB '*[A-Za-z]*' AND lower(name) <> 'zarr.json'),
  note TEXT,
  next_number INTEGER NOT NULL DEFAULT 1 CHECK (next_number >= 1),
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE model_version (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  model_id INTEGER NOT NULL REFERENCES model (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  state TEXT NOT NULL DEFAULT 'staging'
    CHECK (state IN ('staging', 'sealed', 'committed', 'retired')),
  parent_id INTEGER REFERENCES model_version (id),
  run_id INTEGER REFERENCES run (id),
  architecture TEXT NOT NULL,
  preprocessing TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(preprocessing)),
  parameter_count INTEGER NOT NULL CHECK (parameter_count >= 0),
  path TEXT NOT NULL UNIQUE,
  staging_path TEXT,
  -- SHA-256 of the weights file, in hexadecimal.
  weights_hash TEXT CHECK (length(weights_hash) = 64 AND weights_hash NOT GLOB '*[^0-9a-f]*'),
  byte_count INTEGER CHECK (byte_count > 0),
  note TEXT,
  created_at TEXT NOT NULL,
  committed_at TEXT,
  UNIQUE (model_id, number),
  CHECK ((state IN ('committed', 'retired')) = (committed_at IS NOT NULL)),
  CHECK (state = 'staging' OR weights_hash IS NOT NULL),
  CHECK (state NOT IN ('staging', 'sealed') OR staging_path IS NOT NULL)
) STRICT;

CREATE INDEX model_version_by_run ON model_version (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX model_version_by_parent ON model_version (parent_id) WHERE parent_id IS NOT NULL;

-- The classes of a model's outputs, in the order of its output channels.
CREATE TABLE model_version_class (
  model_version_id INTEGER NOT NULL REFERENCES model_version (id) ON DELETE CASCADE,
  channel INTEGER NOT NULL CHECK (channel >= 0),
  class_id INTEGER NOT NULL REFERENCES class (id),
  PRIMARY KEY (model_version_id, channel)
) STRICT, WITHOUT ROWID;

-- What a run read. What it made names the run: version.run_id and model_version.run_id.
CREATE TABLE run_input (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  -- image, labels, model, parent, prediction, truth, onto …
  role TEXT NOT NULL CHECK (role GLOB '[a-z]*'),
  version_id INTEGER REFERENCES version (id),
  model_version_id INTEGER REFERENCES model_version (id),
  -- Inputs that belong together (an image and its labels) have one group.
  pair INTEGER,
  CHECK ((version_id IS NULL) <> (model_version_id IS NULL))
) STRICT;

CREATE INDEX run_input_by_run ON run_input (run_id);
CREATE INDEX run_input_by_version ON run_input (version_id) WHERE version_id IS NOT NULL;
CREATE INDEX run_input_by_model ON run_input (model_version_id) WHERE model_version_id IS NOT NULL;

-- A value that is no number is NULL with its spelling in nonfinite.
CREATE TABLE metric_point (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (length(name) > 0),
  step INTEGER NOT NULL CHECK (step >= 0),
  value REAL,
  nonfinite TEXT CHECK (nonfinite IN ('NaN', 'Infinity', '-Infinity')),
  recorded_at TEXT NOT NULL,
  PRIMARY KEY (run_id, name, step),
  CHECK ((value IS NULL) = (nonfinite IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- A score. NULL is an undefined one (empty against empty), with the reason beside it.
CREATE TABLE evaluation (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  prediction_id INTEGER NOT NULL REFERENCES version (id),
  truth_id INTEGER NOT NULL REFERENCES version (id),
  z_start INTEGER NOT NULL CHECK (z_start >= 0),
  y_start INTEGER NOT NULL CHECK (y_start >= 0),
  x_start INTEGER NOT NULL CHECK (x_start >= 0),
  z_end INTEGER NOT NULL CHECK (z_end > z_start),
  y_end INTEGER NOT NULL CHECK (y_end > y_start),
  x_end INTEGER NOT NULL CHECK (x_end > x_start),
  part TEXT CHECK (part IN ('train', 'validation', 'test')),
  class_id INTEGER REFERENCES class (id),
  metric TEXT NOT NULL CHECK (length(metric) > 0),
  value REAL,
  reason TEXT,
  CHECK (value IS NULL OR reason IS NULL)
) STRICT;

CREATE INDEX evaluation_by_prediction ON evaluation (prediction_id, truth_id);
CREATE INDEX evaluation_by_truth ON evaluation (truth_id);
CREATE INDEX evaluation_by_run ON evaluation (run_id);

-- The files that a version was made from, in their order along z.
CREATE TABLE source_file (
  version_id INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  path TEXT NOT NULL,
  byte_count INTEGER NOT NULL CHECK (byte_count >= 0),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
  PRIMARY KEY (version_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX source_file_by_hash ON source_file (sha256);
