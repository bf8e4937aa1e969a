-- Put what the Parquet files hold in the place of what was loaded before, all of it at once:
-- readers see the old facts or the new ones. {source} is a table function, see load.sh.
DROP TABLE IF EXISTS facts_loading;
CREATE TABLE facts_loading AS facts;
INSERT INTO facts_loading
SELECT photo_id, look_id, week, item, color, color_name, hex, pattern, style, source, author,
       score, counted
FROM {source};
EXCHANGE TABLES facts AND facts_loading;
DROP TABLE facts_loading;
