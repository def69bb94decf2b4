/** What the Files site has in common with JupyterLab here. */
export { viewerTexts } from './words';
