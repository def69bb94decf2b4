import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharingModel } from '../src/model';
import { wordsFor } from '../src/mountState';
import { contentsPath, isInside, isReceived, servicePath } from '../src/paths';
import { type Share, SharingClient } from '../src/sharing';
import { aShare, Service } from './service';

describe('SharingModel', () => {
  let service: Service;
  let version: number;
  let model: SharingModel;
  const asked = (): number => service.calls.length;

  beforeEach(() => {
    vi.useFakeTimers();
    service = new Service();
    version = 1;
    model = new SharingModel(new SharingClient('/api', service.fetch), async () => version);
  });
  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  it('asks for the lists only when their number is another one', async () => {
    await vi.advanceTimersByTimeAsync(5000);
    expect(model.received).toEqual([]);
    const before = asked();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked()).toBe(before);
    version = 2;
    service.shares = [aShare({ state: 'accepted' })];
    await vi.advanceTimersByTimeAsync(5000);
    expect(model.received).toHaveLength(1);
  });

  it('tells of what arrives later, but not of what was there', async () => {
    const arrived: Share[] = [];
    model.arrived.connect((_, share) => arrived.push(share));
    service.shares = [aShare({ id: '1' })];
    await model.refresh();
    expect(arrived).toEqual([]);
    service.shares = [...service.shares, aShare({ id: '2' }), aShare({ id: '3', state: 'accepted' })];
    await model.refresh();
    expect(arrived.map(share => share.id)).toEqual(['2']);
  });

  it('keeps what it knows when the service is away, and says why it is old', async () => {
    service.shares = [aShare({})];
    await model.refresh();
    const { fetch } = service;
    service.fetch = async () => new Response('', { status: 503 });
    const client = new SharingClient('/api', (url, init) => service.fetch(url, init));
    const other = new SharingModel(client, async () => version);
    await other.refresh();
    expect(other.error).toMatch(/answered 503/);
    service.fetch = fetch;
    await other.refresh();
    expect(other.error).toBeNull();
    expect(other.received).toHaveLength(1);
    other.dispose();
  });

  it('finds the share that a path came with', async () => {
    service.shares = [aShare({ id: '1', path: '/Shares/data', item: 'folder', state: 'accepted' })];
    await model.refresh();
    expect(model.shareAt('/Shares/data/deep/a.ipynb')?.id).toBe('1');
    expect(model.shareAt('/Shares/data2/a.ipynb')).toBeUndefined();
  });
});

describe('paths', () => {
  it('are the same tree with and without a slash in front', () => {
    expect(servicePath('Examples/x.ipynb')).toBe('/Examples/x.ipynb');
    expect(contentsPath('/Examples/x.ipynb')).toBe('Examples/x.ipynb');
  });
  it('know what was received', () => {
    expect(isReceived('/Shares/x')).toBe(true);
    expect(isReceived('/Shares')).toBe(false);
    expect(isReceived('/Shares/')).toBe(false);
    expect(isInside('/a/b', '/a')).toBe(true);
    expect(isInside('/ab', '/a')).toBe(false);
  });
});

it.each([
  ['ready', 0, null],
  ['unknown', 0, null],
  ['offline', 0, /cannot be reached/],
  ['offline', 1, /One change waits/],
  ['degraded', 3, /3 changes wait/]
])('a mount that is %s with %i pending says %s', (state, pending, words) => {
  const said = wordsFor({ kind: 'fuse', state, pending, message: '' });
  if (words) {
    expect(said).toMatch(words);
  } else {
    expect(said).toBeNull();
  }
});
