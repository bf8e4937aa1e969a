-- Count the cells from the facts: `counted` already says which looks count (no repeats, no more
-- than the cap of an author), so a cell is a number of distinct photos.
DROP TABLE IF EXISTS cells_loading;
CREATE TABLE cells_loading AS cells;
INSERT INTO cells_loading
SELECT week, at_pattern, at_item, at_color, style, source, uniqExact(photo_id)
FROM facts
ARRAY JOIN
    if(pattern IN ('solid', 'striped', 'checked', 'dotted', 'floral', 'printed'),
       [assumeNotNull(toString(pattern)), '*'], ['*']) AS at_pattern
ARRAY JOIN
    arrayConcat([toString(item), '*'], multiIf(
        item IN ('short_sleeved_shirt', 'long_sleeved_shirt', 'vest', 'sling'), ['top'],
        item IN ('short_sleeved_outwear', 'long_sleeved_outwear'), ['outer'],
        item IN ('short_sleeved_dress', 'long_sleeved_dress', 'vest_dress', 'sling_dress'),
        ['dress'], [])) AS at_item
ARRAY JOIN [toString(color), '*'] AS at_color
WHERE counted
GROUP BY week, at_pattern, at_item, at_color, style, source;
EXCHANGE TABLES cells AND cells_loading;
DROP TABLE cells_loading;
