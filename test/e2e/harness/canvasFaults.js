/* eslint-env browser */
/**
 * Runs in the browser, on n8n's canvas: what is drawn over something else, wires that run behind a node
 * or note, and notes that do not show their whole text.
 */
function canvasFaults() {
	const all = (selector) => [...document.querySelectorAll(selector)];
	const boxOf = (element) => element.getBoundingClientRect();
	const isNote = (element) => element.querySelector('[data-test-id=sticky]') !== null;
	const elements = all('[data-test-id=canvas-node]');
	const nodes = elements.filter((element) => !isNote(element));
	const notes = all('[data-test-id=sticky]');
	const things = [
		...nodes.map((node) => ({ name: node.getAttribute('data-node-name'), box: boxOf(node) })),
		...notes.map((note) => ({ name: note.textContent.trim().slice(0, 40), box: boxOf(note) })),
	];
	const covered = things.flatMap((one, at) =>
		things
			.slice(at + 1)
			.filter(({ box }) => one.box.left < box.right && box.left < one.box.right)
			.filter(({ box }) => one.box.top < box.bottom && box.top < one.box.bottom)
			.map(({ name }) => `${one.name}, ${name}`),
	);
	const behind = all('path.vue-flow__edge-path').flatMap((wire) => {
		const edge = wire.closest('[data-source-node-name]');
		const ends = ['source', 'target'].map((end) => edge.getAttribute(`data-${end}-node-name`));
		const points = Array.from({ length: 100 }, (_, at) =>
			wire.getPointAtLength((wire.getTotalLength() * at) / 99).matrixTransform(wire.getScreenCTM()),
		);
		return things
			.filter(({ name }) => !ends.includes(name))
			.filter(({ box }) =>
				points.some(({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom),
			)
			.map(({ name }) => `${ends.join(' to ')}, behind ${name}`);
	});
	const cut = notes
		.filter((note) => {
			const text = note.querySelector('h2, h3').parentElement;
			return boxOf(text.lastElementChild).bottom > boxOf(note).bottom;
		})
		.map((note) => note.textContent.trim().slice(0, 40));
	return { nodes: nodes.length, notes: notes.length, covered, behind, cut };
}
