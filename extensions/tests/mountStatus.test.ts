import { describe, expect, it } from 'vitest';
import { type MountState, statusOf } from '../src/mountState';

const ready: MountState = { kind: 'fuse', state: 'ready', pending: 0, message: '' };

describe('statusOf', () => {
  it('says that all is saved, how much is on its way, and what waits while the service is away', () => {
    expect(statusOf(ready)).toMatchObject({ sign: 'well', label: 'Files saved' });
    expect(statusOf({ ...ready, pending: 1 })).toMatchObject({ sign: 'sending', label: 'Sending 1 change' });
    const away = statusOf({ ...ready, state: 'offline', pending: 3, message: 'The login of this session has ended' });
    expect(away).toMatchObject({ sign: 'away', label: 'Offline, 3 changes kept' });
    expect(away?.title).toContain('Go on working');
    expect(away?.title).toContain('The login of this session has ended.');
  });

  it('shows what somebody has to look at', () => {
    const message = 'a.txt could not be saved: no permission. A copy is in /cache/unsaved/a.txt';
    expect(statusOf({ ...ready, message })).toEqual({ sign: 'look', label: 'Files: please look', title: message });
    expect(statusOf({ ...ready, pending: 2, message: 'b waits to be saved: no room' })).toMatchObject({ sign: 'look' });
  });

  it('says that a stopping server sends first', () => {
    expect(statusOf({ ...ready, state: 'stopping', pending: 2 })?.label).toBe('Stopping: sending 2 changes');
  });

  it('shows nothing where nothing is mounted', () => {
    expect(statusOf({ ...ready, kind: 'none' })).toBeNull();
    expect(statusOf({ ...ready, state: 'unknown' })).toBeNull();
  });
});
