import { describe, expect, it } from 'vitest';
import { SharingClient } from '../src/sharing';
import { aShare, Service } from './service';

const answering = (response: Response): SharingClient => new SharingClient('/api', async () => response);

describe('SharingClient', () => {
  it('asks for the shares of an item, whatever is in its name', async () => {
    const service = new Service();
    service.shares = [aShare({})];
    expect(await new SharingClient('/api/', service.fetch).sharesOf('/a & b?.ipynb')).toHaveLength(1);
    expect(service.calls[0]?.url).toBe('/api/shares?view=item&path=%2Fa+%26+b%3F.ipynb');
  });

  it('escapes what it puts into an address', async () => {
    const service = new Service();
    await new SharingClient('/api', service.fetch).remove('a/../b');
    expect(service.calls[0]).toMatchObject({ method: 'DELETE', url: '/api/shares/a%2F..%2Fb' });
  });

  it('throws in the words of the service', async () => {
    const body = { error: { code: 'invalid', message: 'You cannot share with yourself.' } };
    const failed = answering(Response.json(body, { status: 400 })).accept('1');
    await expect(failed).rejects.toMatchObject({ code: 'invalid', message: 'You cannot share with yourself.' });
  });

  it.each([
    [502, '<html>Bad gateway</html>', /answered 502/],
    [403, '', /not allowed/],
    [401, '{"message": "Forbidden"}', /log in again/],
    [507, '[]', /not enough space/]
  ])('finds words for a %i without any', async (status, body, words) => {
    await expect(answering(new Response(body, { status })).shares('by-me')).rejects.toThrow(words);
  });

  it('says so when nothing answers, and when the answer is no JSON', async () => {
    const nobody = new SharingClient('/api', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(nobody.shares('with-me')).rejects.toMatchObject({ code: 'unreachable' });
    await expect(answering(new Response('<p>')).shares('with-me')).rejects.toMatchObject({ code: 'unreadable' });
  });
});
