import { text } from '../../shared/engine/field';

export const outputName = () =>
	text({
		displayName: 'Output Name',
		placeholder: 'e.g. t-shirt',
		description: 'The name that stands for the label in outputs, where it differs from Name',
	});
