/** Tests of n8n's editor in a browser, begun as a user begins: from an empty canvas, or an import. */
module.exports = { ...require('./jest.config.js'), testMatch: ['**/*.editor.ts'] };
