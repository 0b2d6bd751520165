import { NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../api/problem.ts';

const TYPING_MS = 350;

/** One field of a filter; its name is the API's. */
export type Filter =
  | { kind: 'search' | 'text'; name: string; label: string; placeholder?: string }
  | { kind: 'choice'; name: string; label: string; choices: readonly Choice[]; none?: string }
  | { kind: 'time'; name: string; label: string };

/** A value and its word, where they differ. */
export type Choice = string | { value: string; label: string };

export interface FiltersProps {
  filters: readonly Filter[];
  values: URLSearchParams;
  onChange: (values: Record<string, string | null>) => void;
  /** The server's word about a wrong value stands at its field. */
  problem?: Problem | null;
}

/** The fields that narrow a list. */
export function Filters({ filters, values, onChange, problem }: FiltersProps) {
  if (filters.length === 0) return null;
  return (
    <search className="filters">
      {filters.map((filter) => {
        const error = problem?.field === filter.name ? problem.message : undefined;
        const value = values.get(filter.name) ?? '';
        const set = (next: string): void => onChange({ [filter.name]: next || null });
        return <Field key={filter.name} filter={filter} value={value} set={set} error={error} />;
      })}
    </search>
  );
}

interface FieldProps {
  filter: Filter;
  value: string;
  set: (value: string) => void;
  error: string | undefined;
}

function Field({ filter, value, set, error }: FieldProps) {
  const { label } = filter;
  if (filter.kind === 'choice')
    return (
      <NativeSelect
        label={label}
        value={value}
        error={error}
        data={[{ value: '', label: filter.none ?? 'All' }, ...filter.choices]}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  if (filter.kind === 'time')
    return (
      <TextInput
        type="datetime-local"
        label={label}
        value={value && toLocal(value)}
        error={error}
        onChange={({ currentTarget: { value: typed } }) => set(typed && new Date(typed).toISOString())}
      />
    );
  return <Typed filter={filter} value={value} set={set} error={error} />;
}

function Typed({ filter, value, set, error }: FieldProps & { filter: Filter & { kind: 'search' | 'text' } }) {
  const [typed, setTyped] = useState({ over: value, text: value });
  const timer = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  // What is typed stands until the address changes by something else, like Back.
  const shown = typed.over === value ? typed.text : value;
  const isSearch = filter.kind === 'search';
  return (
    <TextInput
      className={isSearch ? 'wide' : undefined}
      label={filter.label}
      placeholder={filter.placeholder}
      value={shown}
      error={error}
      maxLength={255}
      spellCheck={false}
      {...(isSearch && {
        type: 'search',
        'data-search': true,
        leftSection: <IconSearch size={16} aria-hidden />,
      })}
      onChange={({ currentTarget: { value: next } }) => {
        setTyped({ over: value, text: next });
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => {
          setTyped({ over: next.trim(), text: next });
          set(next.trim());
        }, TYPING_MS);
      }}
    />
  );
}

/** A moment in the browser's zone, as the field for it wants it. */
function toLocal(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
