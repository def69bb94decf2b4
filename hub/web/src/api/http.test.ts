import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, ask, errorFrom, forgeryToken, SESSION_EXPIRED, url } from './http';

afterEach(() => void vi.unstubAllGlobals());

const answer = (status: number, body: string): void => {
  vi.stubGlobal('fetch', vi.fn(async () => new Response(status === 204 ? null : body, { status })));
};

describe('errors', () => {
  it('come in the words of the service', () => {
    const error = errorFrom(507, '{"error":{"code":"quota-exceeded","message":"No room left."}}');
    expect(error).toMatchObject({ status: 507, code: 'quota-exceeded', message: 'No room left.' });
  });

  it('of a proxy are put into words here', () => {
    expect(errorFrom(413, '<html>Too large</html>').message).toMatch(/larger/);
    expect(errorFrom(502, '').message).toMatch(/Try again/);
  });

  it('without an answer say so', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    await expect(ask('GET', 'me')).rejects.toThrow(/does not answer/);
  });

  it('of a session that ended are told to the page', () => {
    const heard = vi.fn();
    window.addEventListener(SESSION_EXPIRED, heard, { once: true });
    expect(errorFrom(401, '{}')).toBeInstanceOf(ApiError);
    expect(heard).toHaveBeenCalled();
  });
});

describe('requests', () => {
  it('carry the forgery token when they change something', async () => {
    document.cookie = '_xsrf=t0ken';
    answer(204, '');
    await ask('DELETE', 'shares/1');
    const [address, init] = vi.mocked(fetch).mock.calls[0];
    expect(address).toMatch(/api\/v1\/shares\/1$/);
    expect(new Headers(init?.headers).get('X-XSRFToken')).toBe('t0ken');
  });

  it('read the token among other cookies', () => {
    expect(forgeryToken('a=1; _xsrf="2|x|y"; b=2')).toBe('2|x|y');
    expect(forgeryToken('not_xsrf=1')).toBe('');
  });

  it('repeat a parameter for each of its values', () => {
    expect(url('archive', { path: ['/a b', '/c&d'] })).toMatch(/archive\?path=%2Fa\+b&path=%2Fc%26d$/);
  });
});
