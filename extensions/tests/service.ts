import type { FetchLike, NewShare, Person, Share, ShareChange } from '../src/sharing';

export function aShare(fields: Partial<Share>): Share {
  return {
    id: '1',
    kind: 'user',
    item: 'file',
    name: 'a.ipynb',
    path: '/a.ipynb',
    mime: 'application/x-ipynb+json',
    size: 10,
    mtime: 0,
    owner: { id: 'teacher', display_name: 'Grace Hopper' },
    grantee: null,
    role: 'viewer',
    state: 'pending',
    url: null,
    has_password: false,
    expires: null,
    note: '',
    created: 0,
    ...fields
  };
}

/** The share routes over a list in memory, with the answers of the real ones. */
export class Service {
  readonly calls: { method: string; url: string; body: unknown }[] = [];
  shares: Share[] = [];
  people: Person[] = [];
  /** Answer the next request that changes something with this. */
  refuse: Response | null = null;

  fetch: FetchLike = async (url, init) => {
    const method = init.method ?? 'GET';
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
    this.calls.push({ method, url, body });
    const refused = this.refuse;
    if (refused && method !== 'GET') {
      this.refuse = null;
      return refused;
    }
    return this.answer(method, new URL(url, 'http://localhost'), body);
  };

  private answer(method: string, url: URL, body: unknown): Response {
    const id = url.pathname.split('/')[3] ?? '';
    if (url.pathname === '/api/people') {
      const word = (url.searchParams.get('q') ?? '').toLowerCase();
      return Response.json({ people: this.people.filter(who => who.display_name.toLowerCase().includes(word)) });
    }
    switch (method) {
      case 'POST':
        return this.create(body as NewShare);
      case 'PATCH':
        this.shares = this.shares.map(share => (share.id === id ? changed(share, body as ShareChange) : share));
        return Response.json(this.shares.find(share => share.id === id));
      case 'DELETE':
        this.shares = this.shares.filter(share => share.id !== id);
        return new Response(null, { status: 204 });
      default:
        return Response.json({ shares: this.shares });
    }
  }

  private create(request: NewShare): Response {
    const id = String(this.calls.length);
    const grantee = this.people.find(who => who.id === request.grantee) ?? null;
    const url = request.kind === 'link' ? `http://localhost/s/${id}` : null;
    const share = changed(aShare({ id, kind: request.kind, grantee, url }), request);
    this.shares = [...this.shares, share];
    return Response.json(share, { status: 201 });
  }
}

function changed(share: Share, change: ShareChange): Share {
  return {
    ...share,
    role: change.role ?? share.role,
    note: change.note ?? share.note,
    expires: change.expires === undefined ? share.expires : change.expires || null,
    has_password: change.password === undefined ? share.has_password : change.password !== ''
  };
}
