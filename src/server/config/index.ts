export { Config, readConfig, type Settings } from './config.js';
