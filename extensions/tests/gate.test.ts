import { ServerConnection, type Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';
import type { Conflict } from '../src/saves/conflict';
import { ConflictGate } from '../src/saves/gate';

const PATH = 'a.ipynb';

function conflict(hash: string, same = false): Conflict {
  return { hash, changed: '2026-01-01T00:00:00Z', author: null, same, cells: [], merged: null, conflicts: 0 };
}

/** What the gate sees of a document, and of its file. */
class Desk {
  constructor(compare: () => Promise<Conflict>) {
    const emitter = {};
    const saveState = new Signal<object, string>(emitter);
    const fileChanged = new Signal<object, void>(emitter);
    const contentsModel: { hash?: string; last_modified: string } = { hash: 'one', last_modified: 'then' };
    this.context = { localPath: PATH, contentsModel, saveState, fileChanged, disposed: new Signal<object, void>(emitter) };
    this.gate = new ConflictGate(compare);
    this.gate.held.connect((_, held) => this.told.push(held.conflict?.hash ?? null));
    this.gate.follow(this.context as never);
  }

  readonly context;
  readonly gate: ConflictGate;
  readonly told: (string | null)[] = [];
  readonly written: unknown[] = [];

  file(hash: string): Contents.IModel {
    return { path: PATH, hash, last_modified: 'now' } as unknown as Contents.IModel;
  }

  load(hash: string): void {
    this.context.contentsModel.hash = hash;
    this.context.fileChanged.emit();
  }

  /** What JupyterLab does to save a document. */
  async save(hash: string, answer: (base: unknown) => Promise<Contents.IModel> = async () => this.file('mine')): Promise<void> {
    this.context.saveState.emit('started');
    const seen = await this.gate.looked(PATH, this.file(hash));
    expect(seen.hash).toBeUndefined();
    expect(seen.last_modified).toBe('then');
    await this.gate.save(PATH, { content: 'x' }, async options => {
      const base = (options as { base_hash?: string }).base_hash;
      this.written.push(base);
      return answer(base);
    });
    await this.gate.looked(PATH, this.file('mine'));
    this.context.saveState.emit('completed');
  }
}

const refused = (): Promise<Contents.IModel> =>
  Promise.reject(new ServerConnection.ResponseError(new Response('{}', { status: 409 }), 'changed'));

describe('ConflictGate', () => {
  it('lets a document be saved again and again while its file holds what it wrote', async () => {
    const compare = vi.fn(async () => conflict('?'));
    const desk = new Desk(compare);
    await desk.save('one');
    await desk.save('mine');
    expect(desk.written).toEqual(['one', 'mine']);
    expect(compare).not.toHaveBeenCalled();
  });

  it('calls a save off, tells why, and asks once about the same file', async () => {
    const compare = vi.fn(async () => conflict('theirs'));
    const desk = new Desk(compare);
    await expect(desk.save('theirs')).rejects.toMatchObject({ name: 'ModalCancelError' });
    await expect(desk.save('theirs')).rejects.toMatchObject({ name: 'ModalCancelError' });
    expect(desk.written).toEqual([]);
    expect(desk.told).toEqual(['theirs', 'theirs']);
    expect(compare).toHaveBeenCalledTimes(1);
  });

  it('lets the person replace what they have seen, and nothing newer', async () => {
    const desk = new Desk(async () => conflict('theirs'));
    await expect(desk.save('theirs')).rejects.toThrow();
    desk.gate.allow(desk.context as never, conflict('theirs'));
    await desk.save('theirs');
    expect(desk.written).toEqual(['theirs']);
    expect(desk.told).toEqual(['theirs', null]);
    await expect(desk.save('newer')).rejects.toThrow();
  });

  it('says nothing where nobody’s work is at stake', async () => {
    const desk = new Desk(async () => conflict('formatted', true));
    await desk.save('formatted');
    expect(desk.written).toEqual(['formatted']);
    expect(desk.told).toEqual([]);
  });

  it('asks when somebody was faster by a moment', async () => {
    const desk = new Desk(async () => conflict('theirs'));
    await expect(desk.save('one', refused)).rejects.toMatchObject({ name: 'ModalCancelError' });
    expect(desk.told).toEqual(['theirs']);
    const calm = new Desk(async () => conflict('again', true));
    await calm.save('one', base => (base === 'one' ? refused() : Promise.resolve(calm.file('mine'))));
    expect(calm.written).toEqual(['one', 'again']);
  });

  it('never writes what is not in the document any more', async () => {
    const desk = new Desk(async () => conflict('theirs'));
    desk.context.saveState.emit('started');
    await desk.gate.looked(PATH, desk.file('one'));
    desk.load('theirs');
    const write = vi.fn();
    await expect(desk.gate.save(PATH, {}, write)).rejects.toMatchObject({ name: 'ModalCancelError' });
    expect(write).not.toHaveBeenCalled();
  });

  it('leaves files alone that no document saves', async () => {
    const desk = new Desk(async () => conflict('theirs'));
    const model = desk.file('x');
    expect(await desk.gate.looked('b.txt', model)).toBe(model);
    expect(await desk.gate.save('b.txt', { content: 'y' }, async options => ({ ...model, ...options }))).not.toHaveProperty('base_hash');
  });
});
