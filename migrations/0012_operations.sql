-- The trace an event arrived in, for the time until it is handled. Written only while somebody traces; null
-- takes no room in the row.
alter table quittance.work add column traceparent text collate "C";
