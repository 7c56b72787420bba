/** Deleting: what is gone is gone from everything that named it. */
import type { Label, State, Task, TrainingImage } from '../state';
import { hasLabel } from './call';

export function removeTask(state: State, task: Task): void {
	state.tasks = state.tasks.filter((one) => one !== task);
	state.trainings = state.trainings.filter((training) => training.task !== task.id);
}

export function removeImage(state: State, image: TrainingImage): void {
	state.trainingImages = state.trainingImages.filter((one) => one !== image);
	state.files.delete(image.file);
	state.files.delete(image.thumbnail);
}

/** Takes the label away from tasks, models and images, which themselves stay. */
export function removeLabel(state: State, label: Label): void {
	state.labels = state.labels.filter((one) => one !== label);
	for (const owner of [...state.tasks, ...state.trainings]) {
		owner.labels = owner.labels.filter((id) => id !== label.id);
	}
	for (const image of state.trainingImages) {
		image.labels = image.labels.filter(({ id }) => id !== label.id);
	}
}

/** Deletes the label and every image under it, whatever other labels these have. */
export function wipeLabel(state: State, label: Label): void {
	for (const image of state.trainingImages) {
		if (hasLabel(image, label.id)) removeImage(state, image);
	}
	removeLabel(state, label);
}
