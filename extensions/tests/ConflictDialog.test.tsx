import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Conflict } from '../src/saves/conflict';
import { ConflictDialog } from '../src/saves/ConflictDialog';

const found: Conflict = {
  hash: 'h',
  changed: '2026-11-21T17:00:00Z',
  author: 'Emmy Noether',
  same: false,
  cells: [
    { kind: 'same', cell_type: '', count: 2, who: null, lines: [], outputs: false },
    {
      kind: 'changed',
      cell_type: 'code',
      count: 1,
      who: 'left',
      lines: [
        { side: 'left', text: 'x = 2', skipped: 0 },
        { side: 'right', text: 'x = 1', skipped: 0 },
        { side: 'same', text: '', skipped: 7 }
      ],
      outputs: true
    }
  ],
  merged: {},
  conflicts: 0
};

describe('ConflictDialog', () => {
  it('shows who changed what, and offers four ways out', async () => {
    const onChoice = vi.fn(async () => undefined);
    render(<ConflictDialog conflict={found} onChoice={onChoice} />);
    expect(screen.getByText(/Emmy Noether saved it elsewhere/)).toBeInTheDocument();
    expect(screen.getByText('2 cells are the same')).toBeInTheDocument();
    expect(screen.getByText('Changed elsewhere')).toBeInTheDocument();
    expect(screen.getByText('… 7 lines are the same')).toBeInTheDocument();
    expect(screen.getByText('The outputs differ.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Keep both' }));
    expect(onChoice).toHaveBeenCalledWith('both');
  });

  it('does not offer what cannot be, and says why', () => {
    render(<ConflictDialog conflict={{ ...found, cells: null, merged: null }} onChoice={vi.fn()} />);
    expect(screen.getByRole('button', { name: 'Merge' })).toBeDisabled();
    expect(screen.getByText(/is not known any more/)).toBeInTheDocument();
    expect(screen.getByText('The two cannot be shown side by side.')).toBeInTheDocument();
  });

  it('says what went wrong, and can be tried again', async () => {
    render(<ConflictDialog conflict={found} onChoice={() => Promise.reject(new Error('The disk is full.'))} />);
    await userEvent.click(screen.getByRole('button', { name: 'Take mine' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The disk is full.');
    expect(screen.getByRole('button', { name: 'Take mine' })).toBeEnabled();
  });
});
