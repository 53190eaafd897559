-- SPDX-License-Identifier: Apache-2.0
--
-- Views for people: stable names, references spelled as the commands take them, unsigned numbers
-- as text, volumes in cubic micrometres.

CREATE VIEW datasets AS
SELECT d.name AS dataset, d.organism, d.tissue, d.modality, d.instrument, d.licence, d.citation,
  d.note, (SELECT count(*) FROM volume v WHERE v.dataset_id = d.id) AS volumes, d.uuid, d.created_at
FROM dataset d;

CREATE VIEW versions AS
SELECT v.id AS version_id,
  d.name || '/' || o.name || '@' || v.number AS ref,
  d.name AS dataset, o.name AS volume, v.number, o.kind, v.state,
  CASE WHEN p.id IS NULL THEN NULL ELSE d.name || '/' || o.name || '@' || p.number END AS parent,
  (SELECT di.name || '/' || oi.name || '@' || i.number
    FROM version i JOIN volume oi ON oi.id = i.volume_id JOIN dataset di ON di.id = oi.dataset_id
    WHERE i.id = v.image_id) AS image,
  v.run_id AS run, v.data_type, v.shape_z, v.shape_y, v.shape_x,
  v.voxel_z_nm, v.voxel_y_nm, v.voxel_x_nm, v.origin_z_nm, v.origin_y_nm, v.origin_x_nm,
  v.voxel_z_nm * v.voxel_y_nm * v.voxel_x_nm * 1e-9 AS voxel_um3,
  v.chunk_z, v.chunk_y, v.chunk_x, v.shard_z, v.shard_y, v.shard_x, v.levels,
  (SELECT count(*) FROM version_shard h WHERE h.version_id = v.id) AS shards,
  (SELECT coalesce(sum(s.byte_count), 0) FROM version_shard h JOIN shard s ON s.id = h.shard_id
    WHERE h.version_id = v.id) AS stored_bytes,
  v.path, lower(hex(v.content_hash)) AS content_hash, v.note, v.uuid,
  v.created_at, v.committed_at, v.retired_at
FROM version v
JOIN volume o ON o.id = v.volume_id
JOIN dataset d ON d.id = o.dataset_id
LEFT JOIN version p ON p.id = v.parent_id;

CREATE VIEW volumes AS
SELECT d.name || '/' || o.name AS ref, d.name AS dataset, o.name AS volume, o.kind,
  (SELECT max(number) FROM version v WHERE v.volume_id = o.id AND v.state = 'committed') AS latest,
  (SELECT count(*) FROM version v WHERE v.volume_id = o.id AND v.state = 'committed') AS versions,
  o.note, o.uuid, o.created_at
FROM volume o JOIN dataset d ON d.id = o.dataset_id;

CREATE VIEW classes AS
SELECT c.name AS class, c.term, c.colour,
  (SELECT group_concat(name, ', ') FROM class_synonym y WHERE y.class_id = c.id) AS synonyms
FROM class c;

CREATE VIEW version_classes AS
SELECT v.version_id, v.ref, c.name AS class, m.mode,
  CASE WHEN m.value IS NULL THEN NULL ELSE printf('%llu', m.value) END AS value
FROM version_class m JOIN versions v ON v.version_id = m.version_id JOIN class c ON c.id = m.class_id;

CREATE VIEW coverages AS
SELECT v.version_id, v.ref, c.name AS class, g.run_id AS run,
  g.z_start, g.z_end, g.y_start, g.y_end, g.x_start, g.x_end,
  (g.z_end - g.z_start) * (g.y_end - g.y_start) * (g.x_end - g.x_start) AS voxels
FROM coverage g JOIN versions v ON v.version_id = g.version_id LEFT JOIN class c ON c.id = g.class_id;

CREATE VIEW splits AS
SELECT d.name || '/' || o.name AS ref, s.part,
  s.z_start, s.z_end, s.y_start, s.y_end, s.x_start, s.x_end
FROM split s JOIN volume o ON o.id = s.volume_id JOIN dataset d ON d.id = o.dataset_id;

-- Voxels of every value that is a class of a semantic version, over the whole version.
CREATE VIEW class_volumes AS
SELECT v.version_id, v.ref, c.name AS class, printf('%llu', n.value) AS value,
  sum(n.voxels) AS voxels, sum(n.voxels) * v.voxel_um3 AS um3
FROM versions v
CROSS JOIN version_shard h ON h.version_id = v.version_id
CROSS JOIN chunk_value n ON n.shard_id = h.shard_id
CROSS JOIN version_class m ON m.version_id = v.version_id AND m.value = n.value
JOIN class c ON c.id = m.class_id
GROUP BY v.version_id, v.ref, n.value;

-- The objects of versions with instance ids: each is the union of its fragments.
CREATE VIEW instances AS
SELECT v.version_id, v.ref, c.name AS class, printf('%llu', f.instance) AS instance,
  sum(f.voxels) AS voxels, sum(f.voxels) * v.voxel_um3 AS um3,
  min(b.z_min) AS z_start, max(b.z_max) + 1 AS z_end,
  min(b.y_min) AS y_start, max(b.y_max) + 1 AS y_end,
  min(b.x_min) AS x_start, max(b.x_max) + 1 AS x_end,
  v.origin_z_nm + v.voxel_z_nm * sum(f.sum_z) / sum(f.voxels) AS centroid_z_nm,
  v.origin_y_nm + v.voxel_y_nm * sum(f.sum_y) / sum(f.voxels) AS centroid_y_nm,
  v.origin_x_nm + v.voxel_x_nm * sum(f.sum_x) / sum(f.voxels) AS centroid_x_nm
FROM versions v
CROSS JOIN version_shard h ON h.version_id = v.version_id
CROSS JOIN instance_fragment f ON f.shard_id = h.shard_id
CROSS JOIN fragment_box b ON b.id = f.id
JOIN class c ON c.id = f.class_id
GROUP BY v.version_id, v.ref, f.class_id, f.instance;

CREATE VIEW models AS
SELECT m.id AS model_version_id, 'model:' || o.name || '@' || m.number AS ref, o.name AS model,
  m.number, m.state,
  (SELECT 'model:' || po.name || '@' || p.number FROM model_version p
    JOIN model po ON po.id = p.model_id WHERE p.id = m.parent_id) AS parent,
  m.run_id AS run, m.architecture, m.parameter_count,
  (SELECT group_concat(c.name, ', ') FROM model_version_class k JOIN class c ON c.id = k.class_id
    WHERE k.model_version_id = m.id) AS classes,
  m.preprocessing, m.path, m.weights_hash, m.byte_count, coalesce(m.note, o.note) AS note,
  m.uuid, m.created_at, m.committed_at
FROM model_version m JOIN model o ON o.id = m.model_id;

CREATE VIEW runs AS
SELECT r.id AS run, 'run:' || r.id AS ref, r.kind, r.state, r.started_at, r.heartbeat_at,
  r.ended_at, round((julianday(coalesce(r.ended_at, r.heartbeat_at)) - julianday(r.started_at))
    * 86400, 3) AS seconds,
  r.progress_done, r.progress_total, CASE WHEN r.seed IS NULL THEN NULL ELSE printf('%llu', r.seed) END AS seed, r.program_version, r.host,
  r.cpu, r.command, r.parameters, r.error, r.warnings, r.uuid
FROM run r;

CREATE VIEW run_inputs AS
SELECT i.run_id AS run, i.role, coalesce(v.ref, m.ref) AS ref, i.version_id, i.model_version_id,
  i.pair
FROM run_input i LEFT JOIN versions v ON v.version_id = i.version_id
LEFT JOIN models m ON m.model_version_id = i.model_version_id;

CREATE VIEW run_outputs AS
SELECT run, kind AS role, ref, version_id, NULL AS model_version_id
FROM versions WHERE run IS NOT NULL
UNION ALL
SELECT run, 'model', ref, NULL, model_version_id FROM models WHERE run IS NOT NULL;

-- The lineage graph: what was made (child) from what (parent), and as what it served.
CREATE VIEW lineage AS
SELECT o.ref AS child, 'run:' || o.run AS parent, 'made by' AS role FROM run_outputs o
UNION ALL
SELECT 'run:' || run, ref, role FROM run_inputs
UNION ALL
SELECT ref, parent, 'parent' FROM versions WHERE parent IS NOT NULL
UNION ALL
SELECT ref, image, 'image' FROM versions WHERE image IS NOT NULL
UNION ALL
SELECT ref, parent, 'parent' FROM models WHERE parent IS NOT NULL;

CREATE VIEW metrics AS
SELECT run_id AS run, name, step, coalesce(value, nonfinite) AS value, recorded_at
FROM metric_point;

CREATE VIEW evaluations AS
SELECT e.id AS evaluation_id, e.run_id AS run, p.ref AS prediction, t.ref AS truth,
  c.name AS class, e.metric, e.value, e.reason, e.part,
  e.z_start, e.z_end, e.y_start, e.y_end, e.x_start, e.x_end
FROM evaluation e JOIN versions p ON p.version_id = e.prediction_id
JOIN versions t ON t.version_id = e.truth_id LEFT JOIN class c ON c.id = e.class_id;

CREATE VIEW source_files AS
SELECT v.ref, s.position, s.path, s.byte_count, s.sha256
FROM source_file s JOIN versions v ON v.version_id = s.version_id;
