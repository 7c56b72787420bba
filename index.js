// n8n loads the nodes and the credential from the paths in package.json; there is nothing else to export.
module.exports = {};
