import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { AuditCheck } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { Known } from '../parts/states.tsx';

/** Looks whether a line of the log was changed or removed by somebody with the keys to the database. */
export function CheckChain() {
  const [isOpen, setIsOpen] = useState(false);
  const found = useOperation('verifyAudit', {}, { enabled: isOpen });
  return (
    <>
      <Button variant="default" onClick={() => setIsOpen(true)}>
        Check the log
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={<strong>Has anybody changed the log?</strong>}
      >
        <Known found={found}>{(check) => <Checked {...check} />}</Known>
      </Modal>
    </>
  );
}

function Checked({ whole, lines, broken_at, last }: AuditCheck) {
  return (
    <div className="notice" data-tone={whole ? 'good' : 'bad'} role="status">
      {whole ? (
        <div>
          No. Each of the {lines} lines follows from the one before.
          {last && (
            <>
              {' '}
              Keep this elsewhere, and you can tell later whether lines were cut off the end: line {
                last.seq
              },{' '}
              <span className="mono">{last.hash}</span>
            </>
          )}
        </div>
      ) : (
        <div>
          Yes. Line {broken_at} does not follow from the one before it: one of the two was changed, or lines
          between them were removed. The {lines} lines before are as they were written.
        </div>
      )}
    </div>
  );
}
