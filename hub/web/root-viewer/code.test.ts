import { describe, expect, it } from 'vitest';
import { codeFor, variable } from './code';

describe('code for a notebook', () => {
  it('reads a branch of a tree', () => {
    expect(codeFor({ kind: 'branch', path: 'dir/events', branch: 'Muon_Px' }, 'data/a "b".root')).toBe(
      'import uproot\n\nwith uproot.open("data/a \\"b\\".root") as file:\n    Muon_Px = file["dir/events"]["Muon_Px"].array()\n\nMuon_Px',
    );
  });

  it('plots a histogram', () => {
    expect(codeFor({ kind: 'histogram', path: 'dir/hpx' }, 'cygnet://x.root')).toContain('    hpx = file["dir/hpx"].to_hist()\n\nhpx.plot()');
  });

  it('makes names that Python takes', () => {
    expect(['Muon.fPx[3]', '1st', 'lambda', 'file', '±', 'MET'].map(variable)).toEqual(['Muon_fPx_3', 'data_1st', 'data_lambda', 'data_file', 'data', 'MET']);
  });
});
