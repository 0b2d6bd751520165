-- A third lane, and what a work row has to remember for it.
-- lane 2: events that did not return, or were in hand when a process died. One worker of each process runs
-- them one at a time, so that whatever they do next is theirs alone.
alter table quittance.work drop constraint work_lane_check;
alter table quittance.work add constraint work_lane_check check (lane in (0, 1, 2));

-- How often a process died with this event in hand; it replaces the flag `suspect`.
alter table quittance.work add column crashes smallint not null default 0;
update quittance.work set crashes = 1, lane = 2 where suspect;
alter table quittance.work drop column suspect;

-- Handlers of this event whose writes are kept already: one behind them asked to be tried again later.
alter table quittance.work add column handled smallint not null default 0;
