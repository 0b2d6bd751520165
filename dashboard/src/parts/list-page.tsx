import { Button, Center } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { addressOf, type Asked, type OperationId } from '../api/client.ts';
import { useList, type List, type ListId, type RowOf } from '../api/hooks.ts';
import { focusSearch } from '../shell/shortcuts.ts';
import { useFilter, useView } from '../shell/view.ts';
import { Filters, type Filter } from './filters.tsx';
import { Page } from './page.tsx';
import { Rows, type RowsProps } from './rows.tsx';
import { Empty, Failure, Loading } from './states.tsx';

export interface ListPageProps<Id extends ListId> extends Omit<RowsProps<RowOf<Id>>, 'rows' | 'label'> {
  title: string;
  /** The operation that lists. */
  list: Id;
  /** What it takes of the view: the mode and the account, or the mode alone. */
  takes?: 'mode and account' | 'mode' | 'nothing';
  filters?: readonly Filter[];
  /** What is asked for whatever the filter: the order, for example. */
  always?: Readonly<Record<string, string>>;
  /** The operation that exports the same as CSV. */
  exports?: OperationId;
  actions?: ReactNode;
  /** What it means that there is nothing at all, and what to do. */
  empty: { title: string; text: ReactNode };
  /** What stands between the filter and the list. */
  children?: ReactNode;
}

/** A list: filter in the URL, pages as they are asked for, CSV of all of it. */
export function ListPage<Id extends ListId>(props: ListPageProps<Id>) {
  const { title, list: id, takes = 'mode and account', filters = [], always, exports, actions } = props;
  const view = useView();
  const [values, change] = useFilter();
  const asked = filters.flatMap(({ name }) => (values.get(name) ? [[name, values.get(name)]] : []));
  const scope = { 'mode and account': view.query, mode: view.mode, nothing: {} }[takes];
  const query = { ...scope, ...always, ...Object.fromEntries(asked) } as object;
  const list = useList(id, { query } as Asked<Id>);
  const clear = (): void => {
    change(Object.fromEntries(filters.map(({ name }) => [name, null])));
    // The button that was pressed goes away, and the focus must not go with it.
    focusSearch();
  };
  return (
    <Page
      title={title}
      actions={
        <>
          {actions}
          {exports && <CsvButton address={addressOf(exports, { query } as Asked<OperationId>)} />}
        </>
      }
    >
      <Filters filters={filters} values={values} onChange={change} problem={list.problem} />
      {props.children}
      <ListBody {...props} list={list} isFiltered={asked.length > 0} clear={clear} />
    </Page>
  );
}

interface ListBodyProps<Row> extends Omit<RowsProps<Row>, 'rows' | 'label'> {
  title: string;
  list: List<Row>;
  empty: { title: string; text: ReactNode };
  isFiltered: boolean;
  clear: () => void;
}

/** The rows of a list, or why there are none. */
function ListBody<Row>({ title, list, empty, isFiltered, clear, ...rows }: ListBodyProps<Row>) {
  if (list.problem) return <Failure problem={list.problem} again={list.again} />;
  if (list.isLoading)
    return (
      <div className="card">
        <Loading />
      </div>
    );
  if (list.rows.length === 0)
    return (
      <div className="card">
        {isFiltered ? (
          <Empty title="Nothing matches this filter.">
            <Button variant="default" mt="xs" onClick={clear}>
              Clear the filter
            </Button>
          </Empty>
        ) : (
          <Empty title={empty.title}>{empty.text}</Empty>
        )}
      </div>
    );
  return (
    <div className="card">
      <Rows {...rows} label={title} rows={list.rows} />
      <More list={list} />
    </div>
  );
}

/** Where a list goes on. */
export function More<Row>({ list: { hasMore, isLoadingMore, more } }: { list: List<Row> }) {
  if (!hasMore) return null;
  return (
    <Center p="sm">
      <Button variant="default" loading={isLoadingMore} onClick={more}>
        Show more
      </Button>
    </Center>
  );
}

/** Downloads what a list shows, all of it. */
export function CsvButton({ address }: { address: string }) {
  return (
    <Button
      component="a"
      href={address}
      download
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      CSV
    </Button>
  );
}
