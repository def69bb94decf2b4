import { type Person, ServiceClient } from '../sharing';
import type { Enrolled, Group, GroupRole, Handout, Mode, Policies } from './types';

/** The routes of groups and classes. */
export class TeachingClient extends ServiceClient {
  async classes(): Promise<Group[]> {
    return (await this.get<{ groups: Group[] }>('classes')).groups;
  }

  /** The groups that the person is in, is invited to or asks for, and those that everybody may find. */
  async groups(): Promise<{ mine: Group[]; others: Group[] }> {
    const [mine, all] = await Promise.all([
      this.get<{ groups: Group[] }>('groups', { view: 'mine' }),
      this.get<{ groups: Group[] }>('groups', { view: 'everyone' })
    ]);
    return {
      mine: mine.groups.filter(group => !group.is_class || group.state !== 'active'),
      others: all.groups.filter(group => group.state === null)
    };
  }

  group(id: string): Promise<Group> {
    return this.get<Group>(`groups/${id}`);
  }

  makeClass(name: string): Promise<Group> {
    return this.send<Group>('POST', 'classes', { name });
  }

  makeGroup(name: string, policies: Policies): Promise<Group> {
    return this.send<Group>('POST', 'groups', { name, ...policies });
  }

  setPolicies(id: string, policies: Policies): Promise<Group> {
    return this.send<Group>('PATCH', `groups/${id}`, policies);
  }

  join(code: string): Promise<Group> {
    return this.send<Group>('POST', 'groups/join', { code });
  }

  newCode(id: string): Promise<Group> {
    return this.send<Group>('POST', `groups/${id}/code`, {});
  }

  async answer(id: string, accept: boolean): Promise<void> {
    await this.request('POST', `groups/${id}/${accept ? 'accept' : 'decline'}`, {});
  }

  ask(id: string, answers: Readonly<Record<string, string>>): Promise<Group> {
    return this.send<Group>('POST', `groups/${id}/request`, { answers });
  }

  invite(id: string, users: readonly string[]): Promise<Group> {
    return this.send<Group>('POST', `groups/${id}/members`, { users });
  }

  setRole(id: string, user: string, role: GroupRole): Promise<Group> {
    return this.send<Group>('PATCH', this.member(id, user), { role });
  }

  decide(id: string, user: string, approve: boolean): Promise<Group> {
    return this.send<Group>('POST', `${this.member(id, user)}/${approve ? 'approve' : 'reject'}`, {});
  }

  /** Removes somebody, or leaves. */
  async takeOut(id: string, user: string): Promise<void> {
    await this.request('DELETE', this.member(id, user));
  }

  async end(id: string): Promise<void> {
    await this.request('DELETE', `groups/${id}`);
  }

  async enrol(id: string, roster: Blob): Promise<Enrolled> {
    return this.send<Enrolled>('POST', `classes/${id}/roster`, roster);
  }

  /** Accounts whose name fits what was typed so far. */
  async people(q: string): Promise<Person[]> {
    return (await this.get<{ people: Person[] }>('people', { q })).people.filter(one => one.kind === 'user');
  }

  async handouts(id: string): Promise<Handout[]> {
    return (await this.get<{ handouts: Handout[] }>(`classes/${id}/handouts`)).handouts;
  }

  handOut(id: string, path: string, mode: Mode, deadline: number | null): Promise<Handout> {
    return this.send<Handout>('POST', `classes/${id}/handouts`, { path, mode, deadline });
  }

  /** @param what `update`, `collect` or `submit` */
  doWith(id: string, handout: string, what: 'update' | 'collect' | 'submit'): Promise<Handout> {
    return this.send<Handout>('POST', `classes/${id}/handouts/${handout}/${what}`, {});
  }

  setDeadline(id: string, handout: string, deadline: number | null, user?: string): Promise<Handout> {
    return this.send<Handout>('PUT', `classes/${id}/handouts/${handout}/deadline`, { deadline, user });
  }

  giveBack(id: string, handout: string, user: string, mark: string, comment: string, path: string): Promise<Handout> {
    const body = { user, mark, comment, path: path || null };
    return this.send<Handout>('POST', `classes/${id}/handouts/${handout}/feedback`, body);
  }

  private member(id: string, user: string): string {
    return `groups/${id}/members/${encodeURIComponent(user)}`;
  }
}
