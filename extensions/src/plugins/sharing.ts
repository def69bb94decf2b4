import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { SharingModel } from '../model';
import { CygnetServer } from '../server';
import { SharingClient } from '../sharing';
import { ISharing } from '../tokens';

/** Provides the lists of shares, asked for through the notebook server. */
export const sharing: JupyterFrontEndPlugin<SharingModel> = {
  id: '@cygnet/extensions:sharing',
  description: 'What is shared with the person and by the person.',
  autoStart: true,
  provides: ISharing,
  activate: (app: JupyterFrontEnd): SharingModel => {
    const server = new CygnetServer(app.serviceManager.serverSettings);
    const version = async (): Promise<number> => (await server.get<{ version: number }>('shares/version')).version;
    return new SharingModel(new SharingClient(server.baseUrl, server.fetch), version);
  }
};
