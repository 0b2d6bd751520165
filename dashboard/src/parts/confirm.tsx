import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { Failure } from './states.tsx';

export interface ConfirmProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** The word on the button: what it does. */
  confirm: string;
  onConfirm: () => void;
  isDangerous?: boolean;
  isBusy?: boolean;
  /** False while what is asked for is not yet filled in. */
  isReady?: boolean;
  problem?: Problem | null;
  children: ReactNode;
}

/** Asks once more before something is done, and holds what it needs to know. */
export function Confirm(props: ConfirmProps) {
  const { opened, onClose, title, confirm, onConfirm, isDangerous, isBusy, isReady = true } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={<strong>{title}</strong>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack>
          {props.children}
          {props.problem && <Failure problem={props.problem} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={isBusy ?? false}
              disabled={!isReady}
              {...(isDangerous && { color: 'red' })}
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export interface ConfirmButtonProps {
  label: string;
  /** The question. */
  title: string;
  onConfirm: (close: () => void) => void;
  isDangerous?: boolean;
  isBusy?: boolean;
  isReady?: boolean;
  disabled?: boolean;
  variant?: string;
  problem?: Problem | null;
  children: ReactNode;
}

/** A button that asks once more. `onConfirm` gets what closes the question. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, title, onConfirm, disabled, variant = 'default', children, ...more } = props;
  const [opened, setOpened] = useState(false);
  const close = (): void => setOpened(false);
  return (
    <>
      <Button variant={variant} disabled={disabled ?? false} onClick={() => setOpened(true)}>
        {label}
      </Button>
      <Confirm
        {...more}
        opened={opened}
        onClose={close}
        title={title}
        confirm={label}
        onConfirm={() => onConfirm(close)}
      >
        {children}
      </Confirm>
    </>
  );
}
