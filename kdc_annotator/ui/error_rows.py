"""What projects, models, trainings and the worker refuse: title and message as they are raised, for ``error_words.py``."""

from __future__ import annotations

from kdc_annotator.ui.text import mark

PROJECTS: tuple[tuple[str, str], ...] = (
    (mark("Project is read-only"), mark("{name} was opened for reading only; open it for writing to change it.")),
    (mark("Project is read-only"), mark("{name} was opened for reading only; open it for writing to compact it.")),
    (
        mark("Project is older"),
        mark("{name} is of an older version ({n}); open it for writing once, which brings it up to date."),
    ),
    (mark("Copy can't be written"), mark("{name} can't be written ({error}); choose another place.")),
    (mark("Project can't be written"), mark("{name} can't be made in {place} ({error}); choose another folder.")),
    (
        mark("Project can't be written"),
        mark("{name} could not be brought to the disk; see whether it is full, and try again."),
    ),
    (
        mark("Project has gone"),
        mark("The folder of {name} is not there any more, so nothing can be stored; everything before the last step is safe in it. Move it back, or open it where it is now."),
    ),
    (
        mark("Project has gone"),
        mark("{name} was moved, deleted or replaced by another program while it was open here, so nothing can be stored in it. Save what is open here under another name, or put the file back."),
    ),
    (mark("File exists"), mark("{name} exists already; choose another name or folder, or take it away.")),
    (mark("Same file"), mark("A backup needs another name than the project itself.")),
    (mark("Images are open"), mark("An import can't run while images are open; close them first.")),
    (mark("Image id is taken"), mark("{name} has an image with one of these ids already; use a new id.")),
    (mark("Person id is taken"), mark("{name} has a person with one of these ids already; use a new id.")),
    (mark("No such image"), mark("{name} has no image with the id {n}.")),
    (mark("Image can't be read"), mark("{name} can't be read ({error}); check that it exists and may be read.")),
    (
        mark("Broken history"),
        mark("{name}: a step of this image's history is missing; the image itself is as it was."),
    ),
    (
        mark("Damaged project"),
        mark("A stored person can't be read ({error}); restore the project from its backup."),
    ),
    (
        mark("Damaged project"),
        mark("The stored image {name} can't be read ({error}); restore the project from a backup."),
    ),
    (mark("Damaged project"), mark("A stored value can't be read ({error}); restore the project from a backup.")),
    (mark("Damaged project"), mark("{error}; restore the project from a backup.")),
    (mark("Unreadable mask"), mark("The mask can't be read: {error}.")),
    (
        mark("Different keypoints"),
        mark("Category {name} has other keypoints in {file} than in {other}; import it into a project of its own."),
    ),
    (
        mark("Nothing imported"),
        mark("No image id of {name} is one of the project's; import the annotations that the results belong to first."),
    ),
    (
        mark("Other photos"),
        mark("{n} of {m} is another photo in {place} than in {other}, the project's images folder; name a folder that holds both with --images, or import it into a project of its own."),
    ),
    (
        mark("Outside the project"),
        mark("The photos of {name} are in {place}, not below {other}, the project's images folder; choose another --out."),
    ),
    (
        mark("Photos in two places"),
        mark("1 photo lies in {place}, so the others are only looked for below it; move them there, or choose a folder that holds all of them."),
    ),
    (
        mark("Photos in two places"),
        mark("{n} photos lie in {place}, so the others are only looked for below it; move them there, or choose a folder that holds all of them."),
    ),
    (mark("Nothing to write"), mark("{name} is a list of detections without images; import it into a project instead.")),
    (mark("Not a file"), mark("{name} is a folder; name a file to write.")),
    (mark("Can't write"), mark("{name} can't be written ({error}).")),
)  # fmt: skip
"""Project files, what is imported, what is written."""

MODELS: tuple[tuple[str, str], ...] = (
    (mark("Not a model file"), mark("{name} is a folder; name the model file in it.")),
    (mark("Not a model file"), mark("{name} is not a model file or is cut short ({error}).")),
    (mark("Model not found"), mark("There is no model file at {name}.")),
    (
        mark("Not a KDC model"),
        mark("{name} is a safetensors file, but no KDC model; choose one made by kdc-annotator train."),
    ),
    (
        mark("Model is too new"),
        mark("{name} has format version {n}; this program reads up to {m}. Update kdc-annotator."),
    ),
    (mark("Bad model file"), mark("{name} does not say which version of the format it has.")),
    (mark("Bad model file"), mark("The description inside {name} can't be read.")),
    (mark("Bad model file"), mark("{name} describes a network that can't be ({error}).")),
    (
        mark("Other architecture"),
        mark("The heads of {name} are not those of this version of KDC; train or convert it anew."),
    ),
    (
        mark("Other architecture"),
        mark("The weights of {name} do not fit {other} as described in it (see {place})."),
    ),
    (mark("Damaged model"), mark("{name} holds weights that are not numbers; use another copy.")),
    (
        mark("Broken installation"),
        mark("The files that ship with KDC Annotator are missing; install it again."),
    ),
    (mark("No bundled model"), mark("{name} holds no model; name one with --model.")),
    (mark("Out of memory"), mark("The model does not fit into memory; close other programs.")),
    (
        mark("Out of memory"),
        mark("Memory ran out over {name}; the worker starts again. Close other programs or choose a smaller input."),
    ),
    (mark("Model can't be used"), mark("The model could not be loaded ({error}).")),
    (mark("Prediction failed"), mark("{name}: {error}.")),
    (
        mark("Prediction lost"),
        mark("The kept prediction in {name} can't be read ({error}); predict the photo again."),
    ),
    (
        mark("Can't keep the prediction"),
        mark("{name} can't be written ({error}); free some space or name another cache folder."),
    ),
    (
        mark("The worker died"),
        mark("The worker ran out of memory while it was busy with {name}; it starts again. Ask again, or leave this photo out."),
    ),
    (
        mark("The worker died"),
        mark("The worker stopped unexpectedly (code {n}) while it was busy with {name}; it starts again. Ask again, or leave this photo out."),
    ),
)  # fmt: skip
"""Models, and the worker that runs them."""

TRAININGS: tuple[tuple[str, str], ...] = (
    (
        mark("Nothing to train on"),
        mark("No image of {name} is marked as done; finish some, or add --all-images to take what has people."),
    ),
    (mark("Nothing to train on"), mark("{name} has no photo that can be used: {error}")),
    (mark("Nothing to train on"), mark("Only the photos that this run holds back for validation are left.")),
    (mark("Not a COCO file"), mark("{name} can't be read as JSON ({error}).")),
    (mark("Data not found"), mark("There is no file or folder {name}.")),
    (mark("Training can't be started"), mark("{name} is full of runs of this minute.")),
    (
        mark("Training can't be started"),
        mark("{name} can't be written ({error}); free some space or make it writable."),
    ),
    (mark("Training can't be started"), mark("{name}: {error}.")),
    (mark("Run can't be read"), mark("{name} does not describe a run ({error}).")),
    (
        mark("Run is under way"),
        mark("Another process trains into {name}; wait for it, or choose another folder with -o."),
    ),
    (mark("Nothing to resume"), mark("{name} holds no saved run; start one without --resume.")),
    (mark("Nothing to resume"), mark("{name} does not describe a run ({error}).")),
    (
        mark("Other data"),
        mark("This run trains on {name}; resume it without naming data, or start another with -o."),
    ),
    (
        mark("Run exists"),
        mark("{name} holds a run already; add --resume to go on with it, or choose another folder with -o."),
    ),
    (
        mark("Nothing to compare on"),
        mark("The run held no photos back, because fewer than six finished photos have people with joints."),
    ),
    (mark("Models can't be compared"), mark("{name}: {error}.")),
    (mark("Models can't be compared"), mark("evaluate ended with code {n}.")),
    # What the processes say at last
    (
        mark("Training diverged"),
        mark("The {kind} is {value} at step {n} on {name}; lower the learning rate or look at these photos."),
    ),
    (
        mark("Out of memory"),
        mark("Training on {n} crops of {m} pixels at a time needs more memory than there is; lower --batch (and raise accumulate in the recipe to keep its effect) or the recipe's crop size, or close other programs."),
    ),
    (
        mark("Out of memory"),
        mark("Training on 1 crop of {m} pixels at a time needs more memory than there is; lower --batch (and raise accumulate in the recipe to keep its effect) or the recipe's crop size, or close other programs."),
    ),
    (mark("Photos can't be read"), mark("The only photo can't be used: {error}")),
    (mark("Photos can't be read"), mark("{n} photos in a row can't be used; the first: {error}")),
    (mark("No validation photos"), mark("None of the photos held back for validation can be read.")),
    (mark("Not a training state"), mark("{name} is not a training state or is cut short ({error}).")),
    (mark("Not a training state"), mark("{name} is not the state of a training run.")),
    (mark("State is too new"), mark("{name} was written by a newer kdc-annotator; update to resume it.")),
    (mark("State does not fit"), mark("{name} belongs to another network or recipe ({error}).")),
    (mark("Photo missing"), mark("{name} is not in {place}; name the folder with --images.")),
    (mark("Photo not found"), mark("{name} can't be read ({error}).")),
    (mark("Photo does not fit"), mark("{name} has {w}x{h} pixels, its annotations say {width}x{height}.")),
    (
        mark("No photo folder"),
        mark("{name} is not a folder; --images names the folder that holds the photos."),
    ),
    (mark("Sizes differ"), mark("{name} is {w}x{h}, its annotations are for {width}x{height}.")),
    (mark("File can't be read"), mark("{name}: {error}.")),
    (mark("Not a JSON file"), mark("{name} is no JSON text ({error}).")),
)  # fmt: skip
"""Trainings from the window."""

STATES: tuple[str, ...] = (
    mark("The worker ran out of memory over {name} and starts again."),
    mark("The worker stopped unexpectedly (code {n}) over {name} and starts again."),
    mark("The worker ran out of memory and starts again."),
    mark("The worker stopped unexpectedly (code {n}) and starts again."),
    mark("The worker ran out of memory over {name} several times in a row."),
    mark("The worker stopped unexpectedly (code {n}) over {name} several times in a row."),
    mark("The worker ran out of memory several times in a row."),
    mark("The worker stopped unexpectedly (code {n}) several times in a row."),
    mark("The worker can't be started ({error})."),
    mark("CPU ({n} threads, {kind}): this torch is a CPU build; an NVIDIA GPU needs one with CUDA (in a checkout: KDC_TORCH=cuda bash packaging/run.sh)"),
    mark("CPU (1 thread, {kind}): this torch is a CPU build; an NVIDIA GPU needs one with CUDA (in a checkout: KDC_TORCH=cuda bash packaging/run.sh)"),
    mark("CPU ({n} threads, {kind}): torch sees no GPU; check the driver with nvidia-smi"),
    mark("CPU (1 thread, {kind}): torch sees no GPU; check the driver with nvidia-smi"),
    mark("CPU ({n} threads, {kind}): as asked"),
    mark("CPU (1 thread, {kind}): as asked"),
    mark("Out of memory: close other programs, or use smaller photos or a smaller --size."),
    mark("Out of memory: close other programs, or use smaller photos, a smaller --size or another --device."),
    mark("Mistake in the program: {error}. Please report it with what KDC_TRACEBACK=1 prints."),
    mark("Can't use {name}: {error}."),
)  # fmt: skip
"""What the worker says of itself, and trainings of what they did not expect: without a title, or as one sentence with it."""
