import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ShareDialog, SharingClient } from '../src/sharing';
import { aShare, Service } from './service';

const ADA = { id: 'ada', display_name: 'Ada Lovelace', kind: 'user' } as const;
const EMMY = { id: 'student', display_name: 'Emmy Noether', kind: 'user' } as const;
const CLASS = { id: 'class', display_name: 'Class of Ada', kind: 'group' } as const;
const ITEM = { path: '/a.ipynb', name: 'a.ipynb', kind: 'file' } as const;

let service: Service;
const onChange = vi.fn();

function open(): ReturnType<typeof userEvent.setup> {
  const user = userEvent.setup();
  render(<ShareDialog client={new SharingClient('/api', service.fetch)} item={ITEM} onChange={onChange} />);
  return user;
}

const field = (): HTMLElement => screen.getByRole('combobox', { name: 'Add people or groups' });
const found = async (): Promise<HTMLElement[]> => within(await screen.findByRole('listbox')).findAllByRole('option');
const sent = (method: string): unknown[] => service.calls.filter(call => call.method === method).map(call => call.body);

beforeEach(() => {
  onChange.mockReset();
  service = new Service();
  service.people = [ADA, EMMY, CLASS];
});

describe('people', () => {
  it('are found while typing and picked with the keyboard alone', async () => {
    const user = open();
    await screen.findByText('Only you. Add somebody above.');
    await user.type(field(), 'ada');
    const options = await found();
    expect(options).toHaveLength(2);
    expect(field()).toHaveAttribute('aria-activedescendant', options[0]?.id);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(screen.getByText('Class of Ada')).toBeInTheDocument();
    await user.type(field(), 'emmy');
    await screen.findByRole('option', { name: /Emmy/ });
    await user.keyboard('{Enter}');
    await user.selectOptions(screen.getByRole('combobox', { name: 'What they may do' }), 'editor');
    await user.type(screen.getByRole('textbox', { name: 'Message' }), 'For Monday');
    await user.click(screen.getByRole('button', { name: 'Share' }));
    await waitFor(() => expect(service.shares).toHaveLength(2));
    const common = { path: '/a.ipynb', role: 'editor', note: 'For Monday' };
    expect(sent('POST')).toEqual([
      { ...common, kind: 'group', grantee: 'class' },
      { ...common, kind: 'user', grantee: 'student' }
    ]);
    expect(onChange).toHaveBeenCalledTimes(2);
    expect(await screen.findByRole('combobox', { name: 'What Emmy Noether may do' })).toHaveValue('editor');
  });

  it('who have access already are not offered again', async () => {
    service.shares = [aShare({ grantee: EMMY })];
    const user = open();
    await screen.findByText('Emmy Noether');
    await user.type(field(), 'emmy');
    await screen.findByText('Everybody found has access already.');
    await user.clear(field());
    await user.type(field(), 'zzz');
    await screen.findByText('Nobody else found for “zzz”.');
  });

  it('keeps those who could not be shared with, and says why', async () => {
    const user = open();
    await user.type(field(), 'ada l');
    await user.click(await screen.findByRole('option', { name: /Lovelace/ }));
    const body = { error: { code: 'forbidden', message: 'This folder may not be shared on.' } };
    service.refuse = Response.json(body, { status: 403 });
    await user.click(screen.getByRole('button', { name: 'Share' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('This folder may not be shared on.');
    expect(screen.getByRole('button', { name: 'Leave out Ada Lovelace' })).toBeInTheDocument();
  });

  it('Escape closes the list first, and only then is for the dialog', async () => {
    const outside = vi.fn();
    const user = open();
    document.body.addEventListener('keydown', outside);
    await user.type(field(), 'ada');
    await found();
    outside.mockReset();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(outside).not.toHaveBeenCalled();
    await user.keyboard('{Escape}');
    expect(outside.mock.lastCall?.[0].defaultPrevented).toBe(false);
    document.body.removeEventListener('keydown', outside);
  });
});

describe('access', () => {
  it('is changed at once, and taken away after a question', async () => {
    service.shares = [aShare({ id: '7', grantee: EMMY })];
    const user = open();
    await user.selectOptions(await screen.findByRole('combobox', { name: /What Emmy/ }), 'editor');
    expect(sent('PATCH')).toEqual([{ role: 'editor' }]);
    await user.click(screen.getByRole('button', { name: 'Remove access of Emmy Noether' }));
    expect(sent('DELETE')).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Remove' }));
    await screen.findByText('Only you. Add somebody above.');
  });
});

describe('links', () => {
  it('are made with password and expiry, copied, changed and deleted', async () => {
    const user = open();
    await user.click(await screen.findByRole('button', { name: 'Create a link…' }));
    await user.click(screen.getByRole('checkbox', { name: 'Password' }));
    await user.type(screen.getByLabelText('Password of the link'), 'secret');
    await user.type(screen.getByLabelText('Last day of the link'), '2099-01-31');
    await user.click(screen.getByRole('button', { name: 'Create link' }));
    const links = within(await screen.findByRole('list', { name: 'Links' }));
    await links.findByText('Anyone with the link can view · password · until 2099-01-31');
    expect(sent('POST')[0]).toMatchObject({ kind: 'link', password: 'secret', expires: '2099-01-31' });

    await user.click(links.getByRole('button', { name: 'Copy link' }));
    await links.findByRole('button', { name: 'Copied' });
    expect(await navigator.clipboard.readText()).toBe(service.shares[0]?.url);

    await user.click(links.getByRole('button', { name: 'Change' }));
    await user.click(links.getByRole('checkbox', { name: 'Password' }));
    await user.click(links.getByRole('button', { name: 'Save' }));
    await links.findByText('Anyone with the link can view · until 2099-01-31');
    expect(sent('PATCH')).toEqual([{ role: 'viewer', expires: '2099-01-31', password: '' }]);

    await user.click(links.getByRole('button', { name: 'Delete link' }));
    await screen.findByText('No link. People without an account can be given one.');
  });
});

it('says what went wrong when the list cannot be had, and tries again', async () => {
  const { fetch } = service;
  service.fetch = async () => new Response('', { status: 503 });
  const user = userEvent.setup();
  const client = new SharingClient('/api', (url, init) => service.fetch(url, init));
  render(<ShareDialog client={client} item={ITEM} />);
  expect(await screen.findByRole('alert')).toHaveTextContent('answered 503');
  expect(screen.queryByRole('combobox')).toBeNull();
  service.fetch = fetch;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText('Only you. Add somebody above.');
});
