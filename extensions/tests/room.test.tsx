import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { RoomGuard } from '../src/room/guard';
import { RoomDialog } from '../src/room/RoomDialog';
import { type Item, type Quota, type Room, fullness } from '../src/room/types';

const quota = (free: number): Quota => ({ used: 1000 - free, total: 1000, free });

describe('RoomGuard', () => {
  it('asks again before it calls a save off', async () => {
    const ask = vi.fn(async () => quota(500));
    const guard = new RoomGuard(ask);
    guard.quota = quota(10);
    await guard.check('a.txt', { content: 'x'.repeat(200) }, 0);
    expect(ask).toHaveBeenCalledTimes(1);
    await guard.check('a.txt', { content: 'x'.repeat(200) }, 0);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('tells how much is missing', async () => {
    const guard = new RoomGuard(async () => quota(50));
    const told: unknown[] = [];
    guard.told.connect((_, noRoom) => told.push(noRoom));
    guard.quota = quota(50);
    await expect(guard.check('a.txt', { content: 'x'.repeat(200) }, 100)).rejects.toMatchObject({ name: 'ModalCancelError' });
    guard.saved();
    expect(told).toEqual([{ localPath: 'a.txt', needed: 50 }, null]);
  });

  it('minds neither what shrinks, nor a tree without a limit, nor what takes of the room of others', async () => {
    const guard = new RoomGuard(async () => quota(0));
    guard.quota = quota(0);
    await guard.check('a.txt', { content: 'x' }, 100);
    await guard.check('Shares/b.txt', { content: 'x'.repeat(200) }, 0);
    guard.quota = { used: 5, total: null, free: null };
    await guard.check('a.txt', { content: 'x'.repeat(200) }, 0);
  });
});

describe('fullness', () => {
  it('is told as in the inbox', () => {
    expect([quota(200), quota(100), quota(5), { used: 0, total: 0, free: 0 }].map(fullness)).toEqual(['some', 'nearly', 'full', 'full']);
    expect(fullness({ used: 1e12, total: null, free: null })).toBe('some');
  });
});

describe('RoomDialog', () => {
  it('opens folders, and deletes only when asked twice', async () => {
    const user = userEvent.setup();
    const room: Room = {
      quota: quota(100),
      items: [
        { name: 'data', path: 'data', folder: true, size: 700 },
        { name: 'a.txt', path: 'a.txt', folder: false, size: 200 }
      ]
    };
    let kept = room.items;
    const ask = vi.fn(async (path: string) => ({ ...room, items: path ? [] : kept }));
    const onDelete = vi.fn(async (item: Item) => void (kept = kept.filter(other => other !== item)));
    render(<RoomDialog ask={ask} onDelete={onDelete} trash="/deleted" icon={() => <i />} />);
    const rows = within(await screen.findByRole('list', { name: 'What takes the room, the largest first' }));
    await user.click(await rows.findByRole('button', { name: 'Delete a.txt…' }));
    expect(onDelete).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Delete “a.txt”' }));
    expect(onDelete).toHaveBeenCalledWith(room.items[1]);
    await user.click(rows.getByRole('button', { name: 'data' }));
    expect(await screen.findByText('There is nothing in this folder.')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'All files' }));
    expect(await rows.findByRole('button', { name: 'data' })).toBeInTheDocument();
    expect(screen.queryByText(/a\.txt/)).not.toBeInTheDocument();
  });

  it('leaves out at once what it deleted, and asks until the service has removed it', async () => {
    const user = userEvent.setup();
    const item: Item = { name: 'a.txt', path: 'a.txt', folder: false, size: 200 };
    let left = 3;
    const ask = vi.fn(async (): Promise<Room> => (left-- > 0 ? { quota: quota(100), items: [item] } : { quota: quota(300), items: [] }));
    render(<RoomDialog ask={ask} onDelete={async () => undefined} trash="/deleted" icon={() => <i />} />);
    await user.click(await screen.findByRole('button', { name: 'Delete a.txt…' }));
    await user.click(screen.getByRole('button', { name: 'Delete “a.txt”' }));
    expect(await screen.findByText('There is nothing in this folder.')).toBeInTheDocument();
    expect(screen.queryByText(/a\.txt/)).not.toBeInTheDocument();
    expect(await screen.findByText('700 B of 1 kB used')).toBeInTheDocument();
    expect(ask).toHaveBeenCalledTimes(4);
  });
});
