-- Facts, one row a garment, as `mapsi` writes them to facts/week=*/facts.parquet.
CREATE TABLE IF NOT EXISTS facts
(
    photo_id   String,
    look_id    String,
    week       Date,
    item       LowCardinality(String),
    color      LowCardinality(String),
    color_name LowCardinality(String),
    hex        LowCardinality(String),
    pattern    LowCardinality(Nullable(String)),
    style      LowCardinality(String),
    source     LowCardinality(String),
    author     Nullable(String),
    score      Float64,
    counted    Bool
)
ENGINE = MergeTree
PARTITION BY week
ORDER BY (week, item, color, photo_id);

-- The weekly cube, as in the database: ALL is '*', an item may be a family.
CREATE TABLE IF NOT EXISTS cells
(
    week    Date,
    pattern LowCardinality(String),
    item    LowCardinality(String),
    color   LowCardinality(String),
    style   LowCardinality(String),
    source  LowCardinality(String),
    looks   UInt32
)
ENGINE = MergeTree
PARTITION BY week
ORDER BY (week, pattern, item, color, style, source);
