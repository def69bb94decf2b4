import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { kindOf, type Seen, type SeenNode } from '../src/look';
import { LookDialog } from '../src/LookDialog';
import type { Share } from '../src/sharing';
import { aShare } from './service';

function aNode(fields: Partial<SeenNode>): SeenNode {
  return { id: '1', name: 'a.txt', path: '/a.txt', kind: 'file', mime: 'text/plain', size: 4, ...fields };
}

const FOLDER = aNode({ name: 'course', path: '/', kind: 'folder' });
// Only icons are taken from it, and it wants more of a browser than there is here.
vi.mock('@jupyterlab/ui-components', () => {
  const icon = { react: () => null };
  return { fileIcon: icon, folderIcon: icon, notebookIcon: icon };
});

type Tree = Record<string, Seen>;
const TREE: Tree = {
  '/': {
    node: FOLDER,
    children: [aNode({}), aNode({ name: 'data', path: '/data', kind: 'folder' }), aNode({ name: 'z.root', path: '/z.root', mime: '' })]
  },
  '/data': { node: aNode({ ...FOLDER, path: '/data' }), children: [] },
  '/a.txt': { node: aNode({}), children: null },
  '/z.root': { node: aNode({ name: 'z.root', path: '/z.root', mime: '' }), children: null }
};

const actions = { accept: vi.fn(), copy: vi.fn(), decline: vi.fn() };
const onClose = vi.fn();

function open(share: Partial<Share> = {}, tree: Tree = TREE): ReturnType<typeof userEvent.setup> {
  const look = {
    at: async (path: string) => tree[path] ?? Promise.reject(new Error('Nobody shares this with you any more.')),
    text: async () => 'what is in it',
    contentAddress: (path: string) => `/content?path=${path}`,
    page: async (path: string) => `/preview?path=${path}`
  };
  render(<LookDialog look={look} share={aShare({ name: 'course', item: 'folder', ...share })} actions={actions} onClose={onClose} />);
  return userEvent.setup();
}

describe('LookDialog', () => {
  it('goes through folders, down and up, and shows files', async () => {
    const user = open();
    const names = (await screen.findAllByRole('listitem')).map(item => item.textContent);
    expect(names).toEqual(['data', 'a.txt', 'z.root']);
    await user.click(screen.getByRole('button', { name: 'data' }));
    await screen.findByText('This folder is empty.');
    await user.click(screen.getByRole('button', { name: '← course' }));
    await user.click(await screen.findByRole('button', { name: 'a.txt' }));
    await screen.findByText('what is in it');
    await user.click(screen.getByRole('button', { name: '← course' }));
    await user.click(await screen.findByRole('button', { name: 'z.root' }));
    await screen.findByText(/cannot be shown here. Accept it/);
  });

  it('shows a notebook in a frame that may run nothing', async () => {
    open({ item: 'file', name: 'fit.ipynb' }, { '/': { node: aNode({ name: 'fit.ipynb', path: '/' }), children: null } });
    const frame = await screen.findByTitle('Notebook fit.ipynb');
    expect(frame).toHaveAttribute('sandbox', '');
    expect(frame).toHaveAttribute('src', '/preview?path=/');
  });

  it('answers the share and goes away', async () => {
    const user = open({ id: '7' });
    await user.click(screen.getByRole('button', { name: 'Accept' }));
    expect(onClose).toHaveBeenCalled();
    expect(actions.accept.mock.lastCall?.[0]).toMatchObject({ id: '7' });
  });

  it('does not offer to decline what was declined', () => {
    open({ state: 'declined' });
    expect(screen.queryByRole('button', { name: 'Decline' })).toBeNull();
  });

  it('says what went wrong', async () => {
    open({}, {});
    expect(await screen.findByRole('alert')).toHaveTextContent('Nobody shares this with you any more.');
  });
});

it('knows what a file can be looked at as', () => {
  expect(kindOf(aNode({ name: 'x.ipynb', mime: 'application/json' }))).toBe('notebook');
  expect(kindOf(aNode({ name: 'x.PNG', mime: '' }))).toBe('image');
  expect(kindOf(aNode({ name: 'Makefile' }))).toBe('text');
  expect(kindOf(aNode({ size: 2_000_000 }))).toBe('other');
});
