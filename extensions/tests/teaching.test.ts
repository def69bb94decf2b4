import { describe, expect, it } from 'vitest';
import { fromField, overview, toField } from '../src/teaching/format';
import type { Handout, Standing } from '../src/teaching';

const standing: Standing = {
  user: 'emmy',
  display_name: 'Emmy, Noether',
  path: null,
  revision: 1,
  due: null,
  extended: false,
  opened: 0,
  worked: null,
  notes: [],
  submission: { made: 60, late: true, sha256: 'ab', files: 1, size: 1, mark: '=1+1', comment: 'good "work"', returned: 61 }
};
const handout: Handout = {
  id: '1',
  name: 'a.ipynb',
  mode: 'copy',
  source: '/a.ipynb',
  path: null,
  revision: 1,
  deadline: null,
  students: [standing]
};

describe('the overview as CSV', () => {
  it('quotes what has to be, and nothing in it is a formula', () => {
    const [head, row] = overview(handout).split('\r\n');
    expect(head).toBe('account,name,due,opened,worked,submitted,late,mark,comment,sha256');
    expect(row).toBe(
      'emmy,"Emmy, Noether",,1970-01-01T00:00:00.000Z,,1970-01-01T00:01:00.000Z,true,\'=1+1,"good ""work""",ab'
    );
  });
});

describe('a field for date and time', () => {
  it('holds the moment in the time of the person', () => {
    expect(fromField(toField(1_800_000_000))).toBe(1_800_000_000);
    expect(fromField('')).toBeNull();
    expect(toField(null)).toBe('');
  });
});
