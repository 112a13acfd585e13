<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>kdc</name>
    <message>
      <source>1 hidden proposal was left out.</source>
      <translation>1 ausgeblendeter Vorschlag wurde ausgelassen.</translation>
    </message>
    <message>
      <source>1 image</source>
      <translation>1 Bild</translation>
    </message>
    <message>
      <source>1 locked person keeps the mask.</source>
      <translation>1 gesperrte Person behält ihre Maske.</translation>
    </message>
    <message>
      <source>1 person</source>
      <translation>1 Person</translation>
    </message>
    <message>
      <source>1 person of {name} does not fit into this image, which has another size, and was left out.</source>
      <translation>1 Person aus {name} passt nicht in dieses Bild, das eine andere Größe hat, und wurde weggelassen.</translation>
    </message>
    <message>
      <source>1 person was found whose score is below the slider ({score}).</source>
      <translation>1 Person wurde gefunden, deren Wert unter dem Regler liegt ({score}).</translation>
    </message>
    <message>
      <source>1 photo found again, {missing} still missing.</source>
      <translation>1 Foto wiedergefunden, noch nicht gefunden: {missing}.</translation>
    </message>
    <message>
      <source>1 photo is not in {folder}.</source>
      <translation>1 Foto ist nicht in {folder}.</translation>
    </message>
    <message>
      <source>1 photo lies in {place}, so the others are only looked for below it; move them there, or choose a folder that holds all of them.</source>
      <translation>1 Foto liegt in {place}, darum werden die anderen nur darunter gesucht; bitte dorthin verschieben oder einen Ordner wählen, der alle enthält.</translation>
    </message>
    <message>
      <source>1 photo that the file names is not in {folder}.</source>
      <translation>1 Foto, das die Datei nennt, ist nicht in {folder}.</translation>
    </message>
    <message>
      <source>1 place in {name} could not be read; it is kept as it is: {first}</source>
      <translation>1 Stelle in {name} ist nicht lesbar; sie bleibt, wie sie ist: {first}</translation>
    </message>
    <message>
      <source>1 proposal is not accepted and would be left out. {accept}: accept it · {confirm} again: go on without it.</source>
      <translation>1 Vorschlag ist nicht angenommen und bliebe weg. {accept}: annehmen · {confirm} noch einmal: ohne ihn weiter.</translation>
    </message>
    <message>
      <source>1,234.5</source>
      <translation>1.234,5</translation>
    </message>
    <message>
      <source>15 people and more</source>
      <translation>15 Personen und mehr</translation>
    </message>
    <message>
      <source>2 to 4 people</source>
      <translation>2 bis 4 Personen</translation>
    </message>
    <message>
      <source>5 to 14 people</source>
      <translation>5 bis 14 Personen</translation>
    </message>
    <message>
      <source>5: add a person · Space: confirm the empty image, go on</source>
      <translation>5: Person hinzufügen · Leertaste: leeres Bild bestätigen, weiter</translation>
    </message>
    <message>
      <source>60-second tour</source>
      <translation>Rundgang in 60 Sekunden</translation>
    </message>
    <message>
      <source>A backup needs another name than the project itself.</source>
      <translation>Eine Sicherung braucht einen anderen Namen als das Projekt selbst.</translation>
    </message>
    <message>
      <source>A polygon needs three corners at least.</source>
      <translation>Ein Polygon braucht mindestens drei Ecken.</translation>
    </message>
    <message>
      <source>A step of a history can't be read ({error})</source>
      <translation>Ein Schritt eines Verlaufs kann nicht gelesen werden ({error})</translation>
    </message>
    <message>
      <source>A step of a history is cut short or larger than any step is</source>
      <translation>Ein Schritt eines Verlaufs ist abgeschnitten oder größer, als ein Schritt sein kann</translation>
    </message>
    <message>
      <source>A stored person can't be read ({error}); restore the project from its backup.</source>
      <translation>Eine gespeicherte Person ist nicht lesbar ({error}); bitte das Projekt aus seiner Sicherung wiederherstellen.</translation>
    </message>
    <message>
      <source>A stored value can't be read ({error})</source>
      <translation>Ein gespeicherter Wert kann nicht gelesen werden ({error})</translation>
    </message>
    <message>
      <source>A stored value can't be read ({error}); restore the project from a backup.</source>
      <translation>Ein gespeicherter Wert ist nicht lesbar ({error}); bitte das Projekt aus einer Sicherung wiederherstellen.</translation>
    </message>
    <message>
      <source>A training of this project could not go on</source>
      <translation>Ein Training dieses Projekts konnte nicht weitergehen</translation>
    </message>
    <message>
      <source>A training of this project ended early; it can go on.</source>
      <translation>Ein Training dieses Projekts endete vorzeitig; es kann weitergehen.</translation>
    </message>
    <message>
      <source>A training of this project is done.</source>
      <translation>Ein Training dieses Projekts ist fertig.</translation>
    </message>
    <message>
      <source>A training of this project is under way.</source>
      <translation>Ein Training dieses Projekts läuft gerade.</translation>
    </message>
    <message>
      <source>A training of {project} could not go on</source>
      <translation>Ein Training von {project} konnte nicht weitergehen</translation>
    </message>
    <message>
      <source>A training of {project} ended early; it can go on.</source>
      <translation>Ein Training von {project} endete vorzeitig; es kann weitergehen.</translation>
    </message>
    <message>
      <source>A training of {project} is done.</source>
      <translation>Ein Training von {project} ist fertig.</translation>
    </message>
    <message>
      <source>A training of {project} is under way.</source>
      <translation>Ein Training von {project} läuft gerade.</translation>
    </message>
    <message>
      <source>About</source>
      <translation>Über</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Annehmen</translation>
    </message>
    <message>
      <source>Accept all proposals</source>
      <translation>Alle Vorschläge annehmen</translation>
    </message>
    <message>
      <source>Accept all proposals above the slider</source>
      <translation>Alle Vorschläge über dem Regler annehmen</translation>
    </message>
    <message>
      <source>Accept proposal</source>
      <translation>Vorschlag angenommen</translation>
    </message>
    <message>
      <source>Accept the image</source>
      <translation>Bild angenommen</translation>
    </message>
    <message>
      <source>Accept the image, go on</source>
      <translation>Das Bild annehmen, weiter</translation>
    </message>
    <message>
      <source>Accept this proposal</source>
      <translation>Diesen Vorschlag annehmen</translation>
    </message>
    <message>
      <source>Accept {n} proposals</source>
      <translation>{n} Vorschläge angenommen</translation>
    </message>
    <message>
      <source>Accepted by {name}.</source>
      <translation>Von {name} angenommen.</translation>
    </message>
    <message>
      <source>Accepted in review</source>
      <translation>In der Durchsicht angenommen</translation>
    </message>
    <message>
      <source>Action</source>
      <translation>Aktion</translation>
    </message>
    <message>
      <source>Actions and their keys</source>
      <translation>Aktionen und ihre Tasten</translation>
    </message>
    <message>
      <source>Add crowd region</source>
      <translation>Menschenmenge hinzugefügt</translation>
    </message>
    <message>
      <source>Add person {n}</source>
      <translation>Person {n} hinzugefügt</translation>
    </message>
    <message>
      <source>Add polygon to mask of person {n}</source>
      <translation>Polygon zur Maske von Person {n} hinzugefügt</translation>
    </message>
    <message>
      <source>Add the attribute</source>
      <translation>Attribut hinzufügen</translation>
    </message>
    <message>
      <source>Add {what} of person {n}</source>
      <translation>{what} von Person {n} hinzugefügt</translation>
    </message>
    <message>
      <source>Adding images</source>
      <translation>Bilder werden aufgenommen</translation>
    </message>
    <message>
      <source>After each pass over the images, and at the end.</source>
      <translation>Nach jedem Durchgang durch die Bilder und am Ende.</translation>
    </message>
    <message>
      <source>All as they were</source>
      <translation>Alle wie zuvor</translation>
    </message>
    <message>
      <source>All checks</source>
      <translation>Alle Prüfungen</translation>
    </message>
    <message>
      <source>All images</source>
      <translation>Alle Bilder</translation>
    </message>
    <message>
      <source>Also images that are not marked as done</source>
      <translation>Auch Bilder, die nicht als fertig gelten</translation>
    </message>
    <message>
      <source>Alt + arrows</source>
      <translation>Alt + Pfeile</translation>
    </message>
    <message>
      <source>Alt + stroke</source>
      <translation>Alt + Strich</translation>
    </message>
    <message>
      <source>Alt: cut out</source>
      <translation>Alt: ausschneiden</translation>
    </message>
    <message>
      <source>An image needs a file name</source>
      <translation>Ein Bild braucht einen Dateinamen</translation>
    </message>
    <message>
      <source>An import can't run while images are open; close them first.</source>
      <translation>Solange Bilder geöffnet sind, kann nicht importiert werden; bitte zuerst schließen.</translation>
    </message>
    <message>
      <source>Annotate people in crowds</source>
      <translation>Personen in Menschenmengen annotieren</translation>
    </message>
    <message>
      <source>Another photo</source>
      <translation>Ein anderes Foto</translation>
    </message>
    <message>
      <source>Another process trains into {name}; wait for it, or choose another folder with -o.</source>
      <translation>Ein anderer Prozess trainiert nach {name}; bitte abwarten oder mit -o einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>Any number</source>
      <translation>Beliebig viele</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Pfeile</translation>
    </message>
    <message>
      <source>Arrows drag, with Shift further · Space or Return lets go · Esc: as before</source>
      <translation>Pfeile ziehen, mit Umschalt weiter · Leertaste oder Eingabe lässt los · Esc: wie vorher</translation>
    </message>
    <message>
      <source>Arrows move the pointer, with Shift further · Space clicks · Return holds</source>
      <translation>Pfeile bewegen den Zeiger, mit Umschalt weiter · Leertaste klickt · Eingabe hält fest</translation>
    </message>
    <message>
      <source>As it came</source>
      <translation>Wie es kam</translation>
    </message>
    <message>
      <source>As it was</source>
      <translation>Wie zuvor</translation>
    </message>
    <message>
      <source>Attributes and notes</source>
      <translation>Attribute und Notizen</translation>
    </message>
    <message>
      <source>Bad model file</source>
      <translation>Fehlerhafte Modelldatei</translation>
    </message>
    <message>
      <source>Begin</source>
      <translation>Beginnen</translation>
    </message>
    <message>
      <source>Brightness of the photo</source>
      <translation>Helligkeit des Fotos</translation>
    </message>
    <message>
      <source>Bring person {n} to the front</source>
      <translation>Person {n} nach vorn geholt</translation>
    </message>
    <message>
      <source>Bring to the front</source>
      <translation>Nach vorn holen</translation>
    </message>
    <message>
      <source>Broken history</source>
      <translation>Verlauf beschädigt</translation>
    </message>
    <message>
      <source>Broken installation</source>
      <translation>Beschädigte Installation</translation>
    </message>
    <message>
      <source>Brush</source>
      <translation>Pinsel</translation>
    </message>
    <message>
      <source>By name</source>
      <translation>Nach Namen</translation>
    </message>
    <message>
      <source>By number of people</source>
      <translation>Nach Zahl der Personen</translation>
    </message>
    <message>
      <source>By status</source>
      <translation>Nach Status</translation>
    </message>
    <message>
      <source>By what the checks found</source>
      <translation>Nach Funden der Prüfungen</translation>
    </message>
    <message>
      <source>CPU (1 thread, {kind}): as asked</source>
      <translation>CPU (1 Thread, {kind}): wie gewünscht</translation>
    </message>
    <message>
      <source>CPU (1 thread, {kind}): this torch is a CPU build; an NVIDIA GPU needs one with CUDA (in a checkout: KDC_TORCH=cuda bash packaging/run.sh)</source>
      <translation>CPU (1 Thread, {kind}): Dieses torch ist für die CPU gebaut; eine NVIDIA-GPU braucht eines mit CUDA (im Quellordner: KDC_TORCH=cuda bash packaging/run.sh)</translation>
    </message>
    <message>
      <source>CPU (1 thread, {kind}): torch sees no GPU; check the driver with nvidia-smi</source>
      <translation>CPU (1 Thread, {kind}): torch sieht keine GPU; den Treiber mit nvidia-smi prüfen</translation>
    </message>
    <message>
      <source>CPU ({n} threads, {kind}): as asked</source>
      <translation>CPU ({n} Threads, {kind}): wie gewünscht</translation>
    </message>
    <message>
      <source>CPU ({n} threads, {kind}): this torch is a CPU build; an NVIDIA GPU needs one with CUDA (in a checkout: KDC_TORCH=cuda bash packaging/run.sh)</source>
      <translation>CPU ({n} Threads, {kind}): Dieses torch ist für die CPU gebaut; eine NVIDIA-GPU braucht eines mit CUDA (im Quellordner: KDC_TORCH=cuda bash packaging/run.sh)</translation>
    </message>
    <message>
      <source>CPU ({n} threads, {kind}): torch sees no GPU; check the driver with nvidia-smi</source>
      <translation>CPU ({n} Threads, {kind}): torch sieht keine GPU; den Treiber mit nvidia-smi prüfen</translation>
    </message>
    <message>
      <source>Can't keep the prediction</source>
      <translation>Die Vorhersage kann nicht aufgehoben werden</translation>
    </message>
    <message>
      <source>Can't read the file</source>
      <translation>Datei lässt sich nicht lesen</translation>
    </message>
    <message>
      <source>Can't use {name}: {error}.</source>
      <translation>{name} ist nicht zu gebrauchen: {error}.</translation>
    </message>
    <message>
      <source>Can't write</source>
      <translation>Nicht schreibbar</translation>
    </message>
    <message>
      <source>Can't write the file</source>
      <translation>Datei lässt sich nicht schreiben</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Category {name} has other keypoints in {file} than in {other}; import it into a project of its own.</source>
      <translation>Kategorie {name} hat in {file} andere Gelenke als in {other}; bitte in ein eigenes Projekt importieren.</translation>
    </message>
    <message>
      <source>Change keys</source>
      <translation>Tasten ändern</translation>
    </message>
    <message>
      <source>Change keys…</source>
      <translation>Tasten ändern…</translation>
    </message>
    <message>
      <source>Change the image's note</source>
      <translation>Notiz des Bildes geändert</translation>
    </message>
    <message>
      <source>Checking images</source>
      <translation>Bilder werden geprüft</translation>
    </message>
    <message>
      <source>Checks</source>
      <translation>Prüfungen</translation>
    </message>
    <message>
      <source>Checks of this image</source>
      <translation>Prüfungen dieses Bildes</translation>
    </message>
    <message>
      <source>Choose an action, then press its new key.</source>
      <translation>Wähle eine Aktion und drücke dann ihre neue Taste.</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>Wählen…</translation>
    </message>
    <message>
      <source>Click a person, or step through them with S and W · Space: confirm the image, go on</source>
      <translation>Klicke eine Person an oder wechsle sie mit S und W · Leertaste: Bild bestätigen, weiter</translation>
    </message>
    <message>
      <source>Click again</source>
      <translation>Noch ein Klick</translation>
    </message>
    <message>
      <source>Click corners · Return or first corner: add to the mask · with Alt: cut out · Backspace: last corner away · Esc: cancel</source>
      <translation>Klicke Ecken · Eingabe oder erste Ecke: zur Maske hinzu · mit Alt: ausschneiden · Rücktaste: letzte Ecke weg · Esc: abbrechen</translation>
    </message>
    <message>
      <source>Click or drag to go there</source>
      <translation>Klicken oder ziehen, um dorthin zu gehen</translation>
    </message>
    <message>
      <source>Click the first corner · Esc: back to select</source>
      <translation>Klicke die erste Ecke · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Click the person that is part of the selected one · Esc: back to select</source>
      <translation>Klicke die Person an, die ein Teil der gewählten ist · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Click the person that shall stay</source>
      <translation>Klicke die Person an, die bleiben soll</translation>
    </message>
    <message>
      <source>Click the person that the polygon is for</source>
      <translation>Klicke die Person an, der das Polygon gilt</translation>
    </message>
    <message>
      <source>Click the {joint} · Tab: leave it out · Return: done · Shift+Return: the model does the rest</source>
      <translation>Klicke: {joint} · Tab: auslassen · Eingabe: fertig · Umschalt+Eingabe: den Rest das Modell</translation>
    </message>
    <message>
      <source>Click; held down: drag</source>
      <translation>Klicken; gehalten: ziehen</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <source>Close anyway</source>
      <translation>Trotzdem schließen</translation>
    </message>
    <message>
      <source>Close project</source>
      <translation>Projekt schließen</translation>
    </message>
    <message>
      <source>Close the message</source>
      <translation>Meldung schließen</translation>
    </message>
    <message>
      <source>Command palette</source>
      <translation>Befehlspalette</translation>
    </message>
    <message>
      <source>Compare again</source>
      <translation>Noch einmal vergleichen</translation>
    </message>
    <message>
      <source>Comparing the old and the new model on the images held back …</source>
      <translation>Das alte und das neue Modell werden an den zurückgehaltenen Bildern verglichen …</translation>
    </message>
    <message>
      <source>Comparing …</source>
      <translation>Wird verglichen …</translation>
    </message>
    <message>
      <source>Confirm all joints of person {n}</source>
      <translation>Alle Gelenke von Person {n} bestätigt</translation>
    </message>
    <message>
      <source>Confirm person {n}</source>
      <translation>Person {n} bestätigt</translation>
    </message>
    <message>
      <source>Confirm the image, go on</source>
      <translation>Bild bestätigen, weiter</translation>
    </message>
    <message>
      <source>Confirm the person</source>
      <translation>Person bestätigen</translation>
    </message>
    <message>
      <source>Confirm {n} people</source>
      <translation>{n} Personen bestätigt</translation>
    </message>
    <message>
      <source>Confirm {what} of person {n}</source>
      <translation>{what} von Person {n} bestätigt</translation>
    </message>
    <message>
      <source>Copy 1 person</source>
      <translation>1 Person kopiert</translation>
    </message>
    <message>
      <source>Copy 1 person from {name}</source>
      <translation>1 Person aus {name} kopiert</translation>
    </message>
    <message>
      <source>Copy can't be written</source>
      <translation>Kopie nicht schreibbar</translation>
    </message>
    <message>
      <source>Copy people from the previous image</source>
      <translation>Personen aus dem vorigen Bild kopieren</translation>
    </message>
    <message>
      <source>Copy {n} people</source>
      <translation>{n} Personen kopiert</translation>
    </message>
    <message>
      <source>Copy {n} people from {name}</source>
      <translation>{n} Personen aus {name} kopiert</translation>
    </message>
    <message>
      <source>Count the joints of person {n}</source>
      <translation>Gelenke von Person {n} gezählt</translation>
    </message>
    <message>
      <source>Counting …</source>
      <translation>Wird gezählt …</translation>
    </message>
    <message>
      <source>Crowd region</source>
      <translation>Menschenmenge</translation>
    </message>
    <message>
      <source>Crowd region or one person</source>
      <translation>Menschenmenge oder eine Person</translation>
    </message>
    <message>
      <source>Crowd region: {what}</source>
      <translation>Menschenmenge: {what}</translation>
    </message>
    <message>
      <source>Ctrl + stroke</source>
      <translation>Strg + Strich</translation>
    </message>
    <message>
      <source>Ctrl+Z: the joints again · New person: click the {joint} · Esc: back to select</source>
      <translation>Strg+Z: die Gelenke wieder · Neue Person, klicke: {joint} · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Ctrl+Z: the polygon again · Click the first corner · Esc: back to select</source>
      <translation>Strg+Z: das Polygon wieder · Klicke die erste Ecke · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Curves appear here once the training runs.</source>
      <translation>Hier erscheinen Kurven, sobald das Training läuft.</translation>
    </message>
    <message>
      <source>Cut polygon out of mask of person {n}</source>
      <translation>Polygon aus der Maske von Person {n} geschnitten</translation>
    </message>
    <message>
      <source>Damaged image</source>
      <translation>Bild beschädigt</translation>
    </message>
    <message>
      <source>Damaged model</source>
      <translation>Beschädigtes Modell</translation>
    </message>
    <message>
      <source>Damaged project</source>
      <translation>Projekt beschädigt</translation>
    </message>
    <message>
      <source>Dark theme</source>
      <translation>Dunkles Aussehen</translation>
    </message>
    <message>
      <source>Data not found</source>
      <translation>Daten nicht gefunden</translation>
    </message>
    <message>
      <source>Delete joint or person</source>
      <translation>Gelenk oder Person löschen</translation>
    </message>
    <message>
      <source>Delete person {n}</source>
      <translation>Person {n} gelöscht</translation>
    </message>
    <message>
      <source>Delete {n} people</source>
      <translation>{n} Personen gelöscht</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>Details</translation>
    </message>
    <message>
      <source>Deutsch / English</source>
      <translation>Deutsch / English</translation>
    </message>
    <message>
      <source>Differences from what the image came with</source>
      <translation>Unterschiede zum Anfangszustand des Bildes</translation>
    </message>
    <message>
      <source>Different keypoints</source>
      <translation>Andere Gelenke</translation>
    </message>
    <message>
      <source>Disk is full</source>
      <translation>Datenträger voll</translation>
    </message>
    <message>
      <source>Disk trouble</source>
      <translation>Problem mit dem Datenträger</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fertig</translation>
    </message>
    <message>
      <source>Drag + Alt</source>
      <translation>Ziehen + Alt</translation>
    </message>
    <message>
      <source>Drag + Alt + Shift</source>
      <translation>Ziehen + Alt + Umschalt</translation>
    </message>
    <message>
      <source>Drag + Shift</source>
      <translation>Ziehen + Umschalt</translation>
    </message>
    <message>
      <source>Drag a joint</source>
      <translation>Gelenk ziehen</translation>
    </message>
    <message>
      <source>Drag a joint · The mask came with the file and stays · Ctrl+G: let it follow · C: confirm</source>
      <translation>Gelenk ziehen · Maske kam mit der Datei und bleibt · Strg+G: folgen lassen · C: bestätigen</translation>
    </message>
    <message>
      <source>Drag a joint · The mask was drawn by hand and stays · Ctrl+G: let it follow · C: confirm</source>
      <translation>Gelenk ziehen · Die Maske ist von Hand gezeichnet und bleibt · Strg+G: folgen lassen · C: bestätigen</translation>
    </message>
    <message>
      <source>Drag a joint, or a dotted ring into place · Click again: the person beneath · F: isolate · C: confirm</source>
      <translation>Gelenk oder Ring ziehen · Klick: Person darunter · F: freistellen · C: bestätigen</translation>
    </message>
    <message>
      <source>Drag a joint: the masks follow your hand. Shift drags finely, Alt takes the limb along, Esc gives all back. Dotted rings are joints that nobody has placed.</source>
      <translation>Ziehe ein Gelenk: Die Masken folgen der Hand. Umschalt zieht fein, Alt nimmt die Gliedmaße mit, Esc gibt alles zurück. Gepunktete Ringe sind Gelenke, die noch niemand gesetzt hat.</translation>
    </message>
    <message>
      <source>Drag the joint · V: visibility · X: swap left and right · Shift+D: remove it</source>
      <translation>Ziehe das Gelenk · V: Sichtbarkeit · X: links und rechts tauschen · Umschalt+D: entfernen</translation>
    </message>
    <message>
      <source>Drag what is wrong</source>
      <translation>Ziehe, was nicht stimmt</translation>
    </message>
    <message>
      <source>Duplicate</source>
      <translation>Duplizieren</translation>
    </message>
    <message>
      <source>Duplicate person {n}</source>
      <translation>Person {n} dupliziert</translation>
    </message>
    <message>
      <source>Edit</source>
      <translation>Bearbeiten</translation>
    </message>
    <message>
      <source>Empty file</source>
      <translation>Leere Datei</translation>
    </message>
    <message>
      <source>End the tour</source>
      <translation>Rundgang beenden</translation>
    </message>
    <message>
      <source>Erase exactly these pixels · Shift+E: the mask follows the stroke · Alt: paint · Esc: back</source>
      <translation>Genau diese Pixel radieren · Umschalt+E: die Maske folgt dem Strich · Alt: malen · Esc: zurück</translation>
    </message>
    <message>
      <source>Erase mask of person {n}</source>
      <translation>Maske von Person {n} radiert</translation>
    </message>
    <message>
      <source>Erase pixels from the selected person · Alt: paint · Shift+wheel: size · Esc: back to select</source>
      <translation>Radiere Pixel der gewählten Person · Alt: malen · Umschalt+Rad: Größe · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Erase while painting</source>
      <translation>Radieren beim Malen</translation>
    </message>
    <message>
      <source>Eraser</source>
      <translation>Radierer</translation>
    </message>
    <message>
      <source>Errors, warnings</source>
      <translation>Fehler, Warnungen</translation>
    </message>
    <message>
      <source>Every image of this list is done or skipped.</source>
      <translation>Jedes Bild dieser Liste ist fertig oder übersprungen.</translation>
    </message>
    <message>
      <source>Every photo is where it should be.</source>
      <translation>Jedes Foto ist, wo es sein soll.</translation>
    </message>
    <message>
      <source>Every tenth image is held back: on those the old and the new model are compared.</source>
      <translation>Jedes zehnte Bild wird zurückgehalten: Daran werden das alte und das neue Modell verglichen.</translation>
    </message>
    <message>
      <source>Everybody is as proposed.</source>
      <translation>Alle sind, wie sie vorgeschlagen wurden.</translation>
    </message>
    <message>
      <source>Exactly these pixels, for one stroke</source>
      <translation>Genau diese Pixel, für einen Strich</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportieren</translation>
    </message>
    <message>
      <source>Export as COCO</source>
      <translation>Als COCO exportieren</translation>
    </message>
    <message>
      <source>Export stopped</source>
      <translation>Export abgebrochen</translation>
    </message>
    <message>
      <source>Exporting</source>
      <translation>Wird exportiert</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Exportieren…</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Datei</translation>
    </message>
    <message>
      <source>File can't be read</source>
      <translation>Datei nicht lesbar</translation>
    </message>
    <message>
      <source>File exists</source>
      <translation>Datei gibt es schon</translation>
    </message>
    <message>
      <source>File not found</source>
      <translation>Datei nicht gefunden</translation>
    </message>
    <message>
      <source>File not readable</source>
      <translation>Datei nicht lesbar</translation>
    </message>
    <message>
      <source>File too large</source>
      <translation>Datei zu groß</translation>
    </message>
    <message>
      <source>Find an action</source>
      <translation>Aktion suchen</translation>
    </message>
    <message>
      <source>Find by name or note</source>
      <translation>Name oder Notiz suchen</translation>
    </message>
    <message>
      <source>Find images…</source>
      <translation>Bilder suchen…</translation>
    </message>
    <message>
      <source>Find people in all images…</source>
      <translation>Personen in allen Bildern finden…</translation>
    </message>
    <message>
      <source>Find people in the visible part</source>
      <translation>Personen im sichtbaren Teil finden</translation>
    </message>
    <message>
      <source>Find people in this image again</source>
      <translation>Personen in diesem Bild neu finden</translation>
    </message>
    <message>
      <source>Finding people</source>
      <translation>Personen werden gesucht</translation>
    </message>
    <message>
      <source>Fine</source>
      <translation>Fein</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Einpassen</translation>
    </message>
    <message>
      <source>Fold or unfold</source>
      <translation>Ein- oder ausklappen</translation>
    </message>
    <message>
      <source>Fold {title}</source>
      <translation>{title} ein- oder ausklappen</translation>
    </message>
    <message>
      <source>Folder can't lock files</source>
      <translation>Ordner kann Dateien nicht sperren</translation>
    </message>
    <message>
      <source>For reading only, nothing can be changed · S: next person · D: next image</source>
      <translation>Nur zum Lesen geöffnet · S: nächste Person · D: nächstes Bild</translation>
    </message>
    <message>
      <source>Form of the masks</source>
      <translation>Form der Masken</translation>
    </message>
    <message>
      <source>Format not supported</source>
      <translation>Format nicht unterstützt</translation>
    </message>
    <message>
      <source>Give pixels of person {n} to person {m}</source>
      <translation>Pixel von Person {n} an Person {m} gegeben</translation>
    </message>
    <message>
      <source>Give pixels to another person</source>
      <translation>Pixel einer anderen Person geben</translation>
    </message>
    <message>
      <source>Give {what} of person {n} to person {m}</source>
      <translation>{what} von Person {n} an Person {m} gegeben</translation>
    </message>
    <message>
      <source>Go back</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Go on with it</source>
      <translation>Weitermachen</translation>
    </message>
    <message>
      <source>Held-back photo {number}</source>
      <translation>Zurückgehaltenes Foto {number}</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
    <message>
      <source>Hide the person</source>
      <translation>Person ausblenden</translation>
    </message>
    <message>
      <source>History</source>
      <translation>Verlauf</translation>
    </message>
    <message>
      <source>History of this image</source>
      <translation>Verlauf dieses Bildes</translation>
    </message>
    <message>
      <source>Hold the button, let go</source>
      <translation>Taste halten, loslassen</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Image can't be read</source>
      <translation>Bild nicht lesbar</translation>
    </message>
    <message>
      <source>Image id is taken</source>
      <translation>Bild-ID ist vergeben</translation>
    </message>
    <message>
      <source>Image strip</source>
      <translation>Bildstreifen</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Images are open</source>
      <translation>Bilder sind geöffnet</translation>
    </message>
    <message>
      <source>Images with people that are not marked as done: {count}.</source>
      <translation>Bilder mit Personen, die nicht als fertig gekennzeichnet sind: {count}.</translation>
    </message>
    <message>
      <source>Import COCO file into this project…</source>
      <translation>COCO-Datei in dieses Projekt importieren…</translation>
    </message>
    <message>
      <source>Import a COCO file</source>
      <translation>Eine COCO-Datei importieren</translation>
    </message>
    <message>
      <source>Import stopped</source>
      <translation>Import abgebrochen</translation>
    </message>
    <message>
      <source>Imported person: {what}</source>
      <translation>Importierte Person: {what}</translation>
    </message>
    <message>
      <source>Importing</source>
      <translation>Wird importiert</translation>
    </message>
    <message>
      <source>In order of adding</source>
      <translation>Wie hinzugefügt</translation>
    </message>
    <message>
      <source>In progress</source>
      <translation>In Arbeit</translation>
    </message>
    <message>
      <source>In which folder are the photos now?</source>
      <translation>In welchem Ordner sind die Fotos jetzt?</translation>
    </message>
    <message>
      <source>Isolate the person</source>
      <translation>Person freistellen</translation>
    </message>
    <message>
      <source>Isolated</source>
      <translation>Freigestellt</translation>
    </message>
    <message>
      <source>It ends the step it is at and saves what it has learnt.</source>
      <translation>Es beendet den Schritt, an dem es ist, und sichert, was es gelernt hat.</translation>
    </message>
    <message>
      <source>It had not learnt anything yet.</source>
      <translation>Gelernt hatte es noch nichts.</translation>
    </message>
    <message>
      <source>It runs on: {device}.</source>
      <translation>Es läuft auf: {device}.</translation>
    </message>
    <message>
      <source>It was stopped before it was done.</source>
      <translation>Es wurde angehalten, bevor es fertig war.</translation>
    </message>
    <message>
      <source>Joints (AP)</source>
      <translation>Gelenke (AP)</translation>
    </message>
    <message>
      <source>Joints not placed</source>
      <translation>Gelenke nicht gesetzt</translation>
    </message>
    <message>
      <source>KDC Annotator {version}. Keypoints and masks of people in crowds; Apache-2.0.</source>
      <translation>KDC Annotator {version}. Gelenke und Masken von Personen in Menschenmengen; Apache-2.0.</translation>
    </message>
    <message>
      <source>Key</source>
      <translation>Taste</translation>
    </message>
    <message>
      <source>Keys</source>
      <translation>Tasten</translation>
    </message>
    <message>
      <source>Kind of the new attribute</source>
      <translation>Art des neuen Attributs</translation>
    </message>
    <message>
      <source>Larger brush</source>
      <translation>Größerer Pinsel</translation>
    </message>
    <message>
      <source>Left and right of person {n} look swapped: shoulders and hips cross.</source>
      <translation>Links und rechts von Person {n} scheinen vertauscht: Schultern und Hüften kreuzen sich.</translation>
    </message>
    <message>
      <source>Left and right of person {n} look swapped: the model sees them the other way round.</source>
      <translation>Links und rechts von Person {n} scheinen vertauscht: Das Modell sieht sie andersherum.</translation>
    </message>
    <message>
      <source>Length</source>
      <translation>Dauer</translation>
    </message>
    <message>
      <source>Let a drawn mask follow the joints</source>
      <translation>Gezeichnete Maske den Gelenken folgen lassen</translation>
    </message>
    <message>
      <source>Let all drawn masks follow the joints</source>
      <translation>Alle gezeichneten Masken den Gelenken folgen lassen</translation>
    </message>
    <message>
      <source>Let it follow the joints</source>
      <translation>Den Gelenken folgen lassen</translation>
    </message>
    <message>
      <source>Let it go on</source>
      <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Licht</translation>
    </message>
    <message>
      <source>Light theme</source>
      <translation>Helles Aussehen</translation>
    </message>
    <message>
      <source>Load the model again</source>
      <translation>Das Modell noch einmal laden</translation>
    </message>
    <message>
      <source>Lock or unlock</source>
      <translation>Sperren oder entsperren</translation>
    </message>
    <message>
      <source>Lock person {n}</source>
      <translation>Person {n} gesperrt</translation>
    </message>
    <message>
      <source>Lock {n} people</source>
      <translation>{n} Personen gesperrt</translation>
    </message>
    <message>
      <source>Longest work first</source>
      <translation>Längste Arbeit zuerst</translation>
    </message>
    <message>
      <source>Look for it…</source>
      <translation>Suchen…</translation>
    </message>
    <message>
      <source>Look for moved photos…</source>
      <translation>Verschobene Fotos suchen…</translation>
    </message>
    <message>
      <source>Look for them…</source>
      <translation>Suchen…</translation>
    </message>
    <message>
      <source>Looking for people in the image …</source>
      <translation>Im Bild werden Personen gesucht …</translation>
    </message>
    <message>
      <source>Looking for people in the visible part …</source>
      <translation>Im sichtbaren Teil werden Personen gesucht …</translation>
    </message>
    <message>
      <source>Looking through files: {n}</source>
      <translation>Dateien werden durchsucht: {n}</translation>
    </message>
    <message>
      <source>Losses, beginning = 1</source>
      <translation>Verluste, Anfang = 1</translation>
    </message>
    <message>
      <source>Lower the score from which proposals count</source>
      <translation>Wert senken, ab dem Vorschläge zählen</translation>
    </message>
    <message>
      <source>Mark image as {how}</source>
      <translation>Bild als „{how}“ gekennzeichnet</translation>
    </message>
    <message>
      <source>Mark person {n} as a crowd region</source>
      <translation>Person {n} als Menschenmenge gekennzeichnet</translation>
    </message>
    <message>
      <source>Mark person {n} as one person</source>
      <translation>Person {n} als eine einzelne Person gekennzeichnet</translation>
    </message>
    <message>
      <source>Mark {what} of person {n} as {how}</source>
      <translation>{what} von Person {n} als {how} gekennzeichnet</translation>
    </message>
    <message>
      <source>Mask overlap where the joints are right</source>
      <translation>Deckung der Masken, wenn die Gelenke stimmen</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Masken</translation>
    </message>
    <message>
      <source>Masks (AP)</source>
      <translation>Masken (AP)</translation>
    </message>
    <message>
      <source>Masks and outlines</source>
      <translation>Masken und Umrisse</translation>
    </message>
    <message>
      <source>Masks as RLE</source>
      <translation>Masken als RLE</translation>
    </message>
    <message>
      <source>Masks as polygons</source>
      <translation>Masken als Polygone</translation>
    </message>
    <message>
      <source>Masks as they are</source>
      <translation>Masken, wie sie sind</translation>
    </message>
    <message>
      <source>Matching actions</source>
      <translation>Passende Aktionen</translation>
    </message>
    <message>
      <source>Measure the mask of person {n}</source>
      <translation>Maske von Person {n} gemessen</translation>
    </message>
    <message>
      <source>Memory ran out over {name}; the worker starts again. Close other programs or choose a smaller input.</source>
      <translation>Bei {name} ging der Speicher aus; der Rechenprozess startet neu. Bitte andere Programme schließen oder eine kleinere Eingabe wählen.</translation>
    </message>
    <message>
      <source>Menu</source>
      <translation>Menü</translation>
    </message>
    <message>
      <source>Menu of this part of the window</source>
      <translation>Menü dieses Fensterteils</translation>
    </message>
    <message>
      <source>Merge person {n} into person {m}</source>
      <translation>Person {n} mit Person {m} vereint</translation>
    </message>
    <message>
      <source>Merge with the next one clicked</source>
      <translation>Mit der nächsten angeklickten vereinen</translation>
    </message>
    <message>
      <source>Merging needs two people; choose another one.</source>
      <translation>Zum Vereinen braucht es zwei Personen; wähle eine andere.</translation>
    </message>
    <message>
      <source>Middle or right button</source>
      <translation>Mittlere oder rechte Taste</translation>
    </message>
    <message>
      <source>Mirror person {n}</source>
      <translation>Person {n} gespiegelt</translation>
    </message>
    <message>
      <source>Mirror the person</source>
      <translation>Person spiegeln</translation>
    </message>
    <message>
      <source>Mistake in the program</source>
      <translation>Fehler im Programm</translation>
    </message>
    <message>
      <source>Mistake in the program: {error}. Please report it with what KDC_TRACEBACK=1 prints.</source>
      <translation>Fehler im Programm: {error}. Bitte melden, mit dem, was KDC_TRACEBACK=1 ausgibt.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Model can't be used</source>
      <translation>Modell nicht verwendbar</translation>
    </message>
    <message>
      <source>Model in use, from which the training starts: {model}.</source>
      <translation>Benutztes Modell, von dem das Training ausgeht: {model}.</translation>
    </message>
    <message>
      <source>Model is too new</source>
      <translation>Modell ist zu neu</translation>
    </message>
    <message>
      <source>Model not found</source>
      <translation>Modell nicht gefunden</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <source>Models can't be compared</source>
      <translation>Modelle nicht vergleichbar</translation>
    </message>
    <message>
      <source>Most doubtful first</source>
      <translation>Die zweifelhaftesten zuerst</translation>
    </message>
    <message>
      <source>Most people first</source>
      <translation>Meiste Personen zuerst</translation>
    </message>
    <message>
      <source>Mouse</source>
      <translation>Maus</translation>
    </message>
    <message>
      <source>Move the pointer</source>
      <translation>Zeiger bewegen</translation>
    </message>
    <message>
      <source>Move the view</source>
      <translation>Ansicht verschieben</translation>
    </message>
    <message>
      <source>Move {what} of person {n}</source>
      <translation>{what} von Person {n} verschoben</translation>
    </message>
    <message>
      <source>Name of a new attribute</source>
      <translation>Name eines neuen Attributs</translation>
    </message>
    <message>
      <source>Neither {folder} nor {place} can be written ({error}); copy the photos to a folder of yours.</source>
      <translation>Weder in {folder} noch in {place} kann geschrieben werden ({error}); kopiere die Fotos in einen eigenen Ordner.</translation>
    </message>
    <message>
      <source>New attribute</source>
      <translation>Attribut</translation>
    </message>
    <message>
      <source>New key</source>
      <translation>Neue Taste</translation>
    </message>
    <message>
      <source>New person</source>
      <translation>Neue Person</translation>
    </message>
    <message>
      <source>New person: click the {joint} · Shift: occluded · Tab: leave it out · Esc: back to select</source>
      <translation>Neue Person, klicke: {joint} · Umschalt: verdeckt · Tab: auslassen · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>New training</source>
      <translation>Neues Training</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Next difference</source>
      <translation>Nächster Unterschied</translation>
    </message>
    <message>
      <source>Next image</source>
      <translation>Nächstes Bild</translation>
    </message>
    <message>
      <source>Next image that is not done</source>
      <translation>Nächstes Bild, das nicht fertig ist</translation>
    </message>
    <message>
      <source>Next part of the window</source>
      <translation>Nächster Teil des Fensters</translation>
    </message>
    <message>
      <source>Next person</source>
      <translation>Nächste Person</translation>
    </message>
    <message>
      <source>No bundled model</source>
      <translation>Kein mitgeliefertes Modell</translation>
    </message>
    <message>
      <source>No image fits.</source>
      <translation>Kein Bild passt.</translation>
    </message>
    <message>
      <source>No image id of {name} is one of the project's; import the annotations that the results belong to first.</source>
      <translation>Keine Bild-ID von {name} gehört zum Projekt; bitte zuerst die Annotationen importieren, zu denen die Ergebnisse gehören.</translation>
    </message>
    <message>
      <source>No image is marked as done yet: confirm some with the space bar, or take all that have people.</source>
      <translation>Noch ist kein Bild als fertig gekennzeichnet: Bestätige einige mit der Leertaste, oder nimm alle, in denen Personen sind.</translation>
    </message>
    <message>
      <source>No image of this list waits for review any more.</source>
      <translation>Kein Bild dieser Liste wartet mehr auf Durchsicht.</translation>
    </message>
    <message>
      <source>No image of {name} is marked as done; finish some, or add --all-images to take what has people.</source>
      <translation>Kein Bild von {name} ist fertig; bitte einige fertigstellen oder mit --all-images alle mit Personen nehmen.</translation>
    </message>
    <message>
      <source>No images</source>
      <translation>Keine Bilder</translation>
    </message>
    <message>
      <source>No left and right</source>
      <translation>Kein Links und Rechts</translation>
    </message>
    <message>
      <source>No model</source>
      <translation>Kein Modell</translation>
    </message>
    <message>
      <source>No photo folder</source>
      <translation>Kein Ordner mit Fotos</translation>
    </message>
    <message>
      <source>No photos</source>
      <translation>Keine Fotos</translation>
    </message>
    <message>
      <source>No such image</source>
      <translation>Kein solches Bild</translation>
    </message>
    <message>
      <source>No such person</source>
      <translation>Keine solche Person</translation>
    </message>
    <message>
      <source>No such project</source>
      <translation>Kein solches Projekt</translation>
    </message>
    <message>
      <source>No such proposal</source>
      <translation>Kein solcher Vorschlag</translation>
    </message>
    <message>
      <source>No validation photos</source>
      <translation>Keine Fotos zum Vergleichen</translation>
    </message>
    <message>
      <source>Nobody</source>
      <translation>Niemand</translation>
    </message>
    <message>
      <source>Nobody in the other image fits into this image, which has another size.</source>
      <translation>Aus dem anderen Bild passt niemand in dieses, das eine andere Größe hat.</translation>
    </message>
    <message>
      <source>Nobody in {name} fits into this image, which has another size.</source>
      <translation>Aus {name} passt niemand in dieses Bild, das eine andere Größe hat.</translation>
    </message>
    <message>
      <source>Nobody is accepted: 1 proposal would be left out. {accept}: accept it · {confirm} again: nobody is in this image.</source>
      <translation>Niemand ist angenommen: 1 Vorschlag bliebe weg. {accept}: annehmen · {confirm} noch einmal: Niemand ist im Bild.</translation>
    </message>
    <message>
      <source>Nobody is accepted: {count} proposals would be left out. {accept}: accept them all · {confirm} again: nobody is in this image.</source>
      <translation>Niemand ist angenommen: {count} Vorschläge blieben weg. {accept}: alle annehmen · {confirm} noch einmal: Niemand ist im Bild.</translation>
    </message>
    <message>
      <source>Nobody is in these images: mark people in some and confirm them.</source>
      <translation>In diesen Bildern ist niemand: Kennzeichne in einigen Personen und bestätige sie.</translation>
    </message>
    <message>
      <source>Nobody is selected.</source>
      <translation>Niemand ist ausgewählt.</translation>
    </message>
    <message>
      <source>Nobody new was found there.</source>
      <translation>Dort wurde niemand Neues gefunden.</translation>
    </message>
    <message>
      <source>Nobody there</source>
      <translation>Niemand da</translation>
    </message>
    <message>
      <source>None of the photos held back for validation can be read.</source>
      <translation>Keines der zum Vergleichen zurückgehaltenen Fotos kann gelesen werden.</translation>
    </message>
    <message>
      <source>Not a COCO file</source>
      <translation>Keine COCO-Datei</translation>
    </message>
    <message>
      <source>Not a JSON file</source>
      <translation>Keine JSON-Datei</translation>
    </message>
    <message>
      <source>Not a KDC model</source>
      <translation>Kein KDC-Modell</translation>
    </message>
    <message>
      <source>Not a file</source>
      <translation>Keine Datei</translation>
    </message>
    <message>
      <source>Not a model file</source>
      <translation>Keine Modelldatei</translation>
    </message>
    <message>
      <source>Not a project</source>
      <translation>Kein Projekt</translation>
    </message>
    <message>
      <source>Not a training state</source>
      <translation>Kein Stand eines Trainings</translation>
    </message>
    <message>
      <source>Not accepted yet</source>
      <translation>Noch nicht angenommen</translation>
    </message>
    <message>
      <source>Not an image</source>
      <translation>Kein Bild</translation>
    </message>
    <message>
      <source>Not checked yet</source>
      <translation>Noch nicht geprüft</translation>
    </message>
    <message>
      <source>Not confirmed</source>
      <translation>Nicht bestätigt</translation>
    </message>
    <message>
      <source>Not done</source>
      <translation>Nicht fertig</translation>
    </message>
    <message>
      <source>Not done yet.</source>
      <translation>Noch nicht fertig.</translation>
    </message>
    <message>
      <source>Not something to open</source>
      <translation>Nichts, was sich öffnen lässt</translation>
    </message>
    <message>
      <source>Not stored</source>
      <translation>Nicht gespeichert</translation>
    </message>
    <message>
      <source>Not stored yet: {what}. Closing now loses it; once the trouble is mended, closing stores it.</source>
      <translation>Noch nicht gespeichert: {what}. Wird jetzt geschlossen, geht es verloren; ist die Störung behoben, wird es beim Schließen gespeichert.</translation>
    </message>
    <message>
      <source>Note on the image</source>
      <translation>Notiz zum Bild</translation>
    </message>
    <message>
      <source>Note to the labeler</source>
      <translation>Notiz an den, der das Bild bearbeitet hat</translation>
    </message>
    <message>
      <source>Nothing</source>
      <translation>Nichts</translation>
    </message>
    <message>
      <source>Nothing found</source>
      <translation>Nichts gefunden</translation>
    </message>
    <message>
      <source>Nothing imported</source>
      <translation>Nichts importiert</translation>
    </message>
    <message>
      <source>Nothing is called so.</source>
      <translation>So heißt nichts.</translation>
    </message>
    <message>
      <source>Nothing of the photo is in sight.</source>
      <translation>Vom Foto ist nichts zu sehen.</translation>
    </message>
    <message>
      <source>Nothing that looks like a photo matches {name}.</source>
      <translation>Nichts, was wie ein Foto aussieht, passt zu {name}.</translation>
    </message>
    <message>
      <source>Nothing there</source>
      <translation>Da ist nichts</translation>
    </message>
    <message>
      <source>Nothing to compare on</source>
      <translation>Nichts zum Vergleichen</translation>
    </message>
    <message>
      <source>Nothing to complain about.</source>
      <translation>Nichts zu beanstanden.</translation>
    </message>
    <message>
      <source>Nothing to copy</source>
      <translation>Nichts zu kopieren</translation>
    </message>
    <message>
      <source>Nothing to give</source>
      <translation>Nichts zu geben</translation>
    </message>
    <message>
      <source>Nothing to place</source>
      <translation>Nichts zu setzen</translation>
    </message>
    <message>
      <source>Nothing to resume</source>
      <translation>Nichts fortzusetzen</translation>
    </message>
    <message>
      <source>Nothing to split</source>
      <translation>Nichts zu zerlegen</translation>
    </message>
    <message>
      <source>Nothing to train on</source>
      <translation>Nichts zum Trainieren</translation>
    </message>
    <message>
      <source>Nothing to write</source>
      <translation>Nichts zu schreiben</translation>
    </message>
    <message>
      <source>Nothing was written.</source>
      <translation>Es wurde nichts geschrieben.</translation>
    </message>
    <message>
      <source>On the images held back</source>
      <translation>An den zurückgehaltenen Bildern</translation>
    </message>
    <message>
      <source>One person</source>
      <translation>Eine Person</translation>
    </message>
    <message>
      <source>One person is isolated, and the others can't be clicked.</source>
      <translation>Eine Person ist freigestellt, die anderen lassen sich nicht anklicken.</translation>
    </message>
    <message>
      <source>One to one</source>
      <translation>Eins zu eins</translation>
    </message>
    <message>
      <source>Only images that are done</source>
      <translation>Nur fertige Bilder</translation>
    </message>
    <message>
      <source>Only the photos that this run holds back for validation are left.</source>
      <translation>Es bleiben nur die Fotos übrig, die dieses Training zum Prüfen zurückhält.</translation>
    </message>
    <message>
      <source>Only this person can be clicked · F: show everybody again</source>
      <translation>Nur diese Person lässt sich anklicken · F: wieder alle zeigen</translation>
    </message>
    <message>
      <source>Only {name} was opened: one thing at a time.</source>
      <translation>Nur {name} wurde geöffnet: eins nach dem anderen.</translation>
    </message>
    <message>
      <source>Opacity of the masks</source>
      <translation>Deckkraft der Masken</translation>
    </message>
    <message>
      <source>Open a folder</source>
      <translation>Ordner öffnen</translation>
    </message>
    <message>
      <source>Open a folder of photos</source>
      <translation>Einen Ordner mit Fotos öffnen</translation>
    </message>
    <message>
      <source>Open a project or COCO file</source>
      <translation>Projekt oder COCO-Datei öffnen</translation>
    </message>
    <message>
      <source>Open another</source>
      <translation>Anderes öffnen</translation>
    </message>
    <message>
      <source>Open folder…</source>
      <translation>Ordner öffnen…</translation>
    </message>
    <message>
      <source>Open for reading</source>
      <translation>Zum Lesen öffnen</translation>
    </message>
    <message>
      <source>Open it</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Open photos: the model proposes people, you drag what is wrong, and the masks follow your hand.</source>
      <translation>Öffne Fotos: Das Modell schlägt Personen vor, du ziehst, was nicht stimmt, und die Masken folgen der Hand.</translation>
    </message>
    <message>
      <source>Open project or COCO file…</source>
      <translation>Projekt oder COCO-Datei öffnen…</translation>
    </message>
    <message>
      <source>Open the menus</source>
      <translation>Menüs öffnen</translation>
    </message>
    <message>
      <source>Open the sample</source>
      <translation>Beispiel öffnen</translation>
    </message>
    <message>
      <source>Open {name}</source>
      <translation>{name} öffnen</translation>
    </message>
    <message>
      <source>Opened for reading only: nothing can be changed.</source>
      <translation>Nur zum Lesen geöffnet: Es lässt sich nichts ändern.</translation>
    </message>
    <message>
      <source>Opening {name} …</source>
      <translation>{name} wird geöffnet …</translation>
    </message>
    <message>
      <source>Or drop a folder or a file anywhere in this window.</source>
      <translation>Oder lass einen Ordner oder eine Datei irgendwo in dieses Fenster fallen.</translation>
    </message>
    <message>
      <source>Order of the images</source>
      <translation>Reihenfolge der Bilder</translation>
    </message>
    <message>
      <source>Other architecture</source>
      <translation>Andere Architektur</translation>
    </message>
    <message>
      <source>Other data</source>
      <translation>Andere Daten</translation>
    </message>
    <message>
      <source>Other photos</source>
      <translation>Andere Fotos</translation>
    </message>
    <message>
      <source>Out of memory</source>
      <translation>Zu wenig Speicher</translation>
    </message>
    <message>
      <source>Out of memory: close other programs, or use smaller photos or a smaller --size.</source>
      <translation>Zu wenig Speicher: bitte andere Programme schließen oder kleinere Fotos nehmen.</translation>
    </message>
    <message>
      <source>Out of memory: close other programs, or use smaller photos, a smaller --size or another --device.</source>
      <translation>Zu wenig Speicher: bitte andere Programme schließen, kleinere Fotos nehmen oder auf der CPU rechnen.</translation>
    </message>
    <message>
      <source>Outlines</source>
      <translation>Umrisse</translation>
    </message>
    <message>
      <source>Outside the project</source>
      <translation>Außerhalb des Projekts</translation>
    </message>
    <message>
      <source>Overview in the corner</source>
      <translation>Übersicht in der Ecke</translation>
    </message>
    <message>
      <source>Overview of the photo</source>
      <translation>Übersicht über das Foto</translation>
    </message>
    <message>
      <source>Paint exactly these pixels · Shift+E: the mask follows the stroke · Alt: erase · Esc: back</source>
      <translation>Genau diese Pixel malen · Umschalt+E: die Maske folgt dem Strich · Alt: radieren · Esc: zurück</translation>
    </message>
    <message>
      <source>Paint mask of person {n}</source>
      <translation>Maske von Person {n} bemalt</translation>
    </message>
    <message>
      <source>Paint over people that are not told apart: a crowd region · Shift+wheel: size · Esc: back to select</source>
      <translation>Male über Menschen, die nicht einzeln zu unterscheiden sind: eine Menge · Umschalt+Rad: Größe · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Paint pixels onto the selected person · Alt: erase · Shift+wheel: size · Esc: back to select</source>
      <translation>Male Pixel auf die gewählte Person · Alt: radieren · Umschalt+Rad: Größe · Esc: zurück zur Auswahl</translation>
    </message>
    <message>
      <source>Paint what is left</source>
      <translation>Male, was noch fehlt</translation>
    </message>
    <message>
      <source>People</source>
      <translation>Personen</translation>
    </message>
    <message>
      <source>People first</source>
      <translation>Zuerst die Personen</translation>
    </message>
    <message>
      <source>People in this image</source>
      <translation>Personen in diesem Bild</translation>
    </message>
    <message>
      <source>People missed in a photo</source>
      <translation>Übersehene Personen je Foto</translation>
    </message>
    <message>
      <source>People seen who are none, in a photo</source>
      <translation>Fälschlich gefundene Personen je Foto</translation>
    </message>
    <message>
      <source>People, checks and history</source>
      <translation>Personen, Prüfungen und Verlauf</translation>
    </message>
    <message>
      <source>Person</source>
      <translation>Person</translation>
    </message>
    <message>
      <source>Person id is taken</source>
      <translation>Personen-ID ist vergeben</translation>
    </message>
    <message>
      <source>Person is locked</source>
      <translation>Person ist gesperrt</translation>
    </message>
    <message>
      <source>Person {number}</source>
      <translation>Person {number}</translation>
    </message>
    <message>
      <source>Person {number} of {name}</source>
      <translation>Person {number} in {name}</translation>
    </message>
    <message>
      <source>Person {number}: {what}</source>
      <translation>Person {number}: {what}</translation>
    </message>
    <message>
      <source>Person {n} and person {m} look like the same person.</source>
      <translation>Person {n} und Person {m} sehen wie dieselbe Person aus.</translation>
    </message>
    <message>
      <source>Person {n} has a mask, but no joints.</source>
      <translation>Person {n} hat eine Maske, aber keine Gelenke.</translation>
    </message>
    <message>
      <source>Person {n} has all keypoints that the network knows already.</source>
      <translation>Person {n} hat schon alle Gelenke, die das Netz kennt.</translation>
    </message>
    <message>
      <source>Person {n} has coordinates for {what} although unlabelled (v = 0).</source>
      <translation>Person {n} hat Koordinaten für {what}, obwohl nicht gesetzt (v = 0).</translation>
    </message>
    <message>
      <source>Person {n} has joints, but no mask.</source>
      <translation>Person {n} hat Gelenke, aber keine Maske.</translation>
    </message>
    <message>
      <source>Person {n} has neither joints nor a mask nor a box.</source>
      <translation>Person {n} hat weder Gelenke noch Maske noch Rahmen.</translation>
    </message>
    <message>
      <source>Person {n} has no mask, and the image counts as finished.</source>
      <translation>Person {n} hat keine Maske, und das Bild gilt als fertig.</translation>
    </message>
    <message>
      <source>Person {n} has no missing keypoint whose other side is labelled.</source>
      <translation>Person {n} fehlt kein Gelenk, dessen andere Seite gesetzt ist.</translation>
    </message>
    <message>
      <source>Person {n} has no pixels there.</source>
      <translation>Person {n} hat dort keine Pixel.</translation>
    </message>
    <message>
      <source>Person {n} has no {what}.</source>
      <translation>Person {n} hat das Gelenk „{what}“ nicht.</translation>
    </message>
    <message>
      <source>Person {n} is locked; unlock it before editing it.</source>
      <translation>Person {n} ist gesperrt; zum Bearbeiten erst entsperren.</translation>
    </message>
    <message>
      <source>Person {n} says area {said}, but its mask has 1 pixel.</source>
      <translation>Person {n} nennt die Fläche {said}, aber ihre Maske hat 1 Pixel.</translation>
    </message>
    <message>
      <source>Person {n} says area {said}, but its mask has {count} pixels.</source>
      <translation>Person {n} nennt die Fläche {said}, aber ihre Maske hat {count} Pixel.</translation>
    </message>
    <message>
      <source>Person {n} says num_keypoints {said}, but 1 is labelled.</source>
      <translation>Person {n} nennt num_keypoints {said}, aber 1 ist gesetzt.</translation>
    </message>
    <message>
      <source>Person {n} says num_keypoints {said}, but {count} are labelled.</source>
      <translation>Person {n} nennt num_keypoints {said}, aber {count} sind gesetzt.</translation>
    </message>
    <message>
      <source>Person {n}: {a} and {b} are too far apart for this body.</source>
      <translation>Person {n}: {a} und {b} liegen für diesen Körper zu weit auseinander.</translation>
    </message>
    <message>
      <source>Photo</source>
      <translation>Foto</translation>
    </message>
    <message>
      <source>Photo does not fit</source>
      <translation>Foto passt nicht</translation>
    </message>
    <message>
      <source>Photo missing</source>
      <translation>Foto fehlt</translation>
    </message>
    <message>
      <source>Photo not found</source>
      <translation>Foto nicht gefunden</translation>
    </message>
    <message>
      <source>Photo too large</source>
      <translation>Foto zu groß</translation>
    </message>
    <message>
      <source>Photos are missing</source>
      <translation>Fotos fehlen</translation>
    </message>
    <message>
      <source>Photos can't be read</source>
      <translation>Fotos nicht lesbar</translation>
    </message>
    <message>
      <source>Photos in two places</source>
      <translation>Fotos an zwei Orten</translation>
    </message>
    <message>
      <source>Pin pixels of person {n}</source>
      <translation>Pixel von Person {n} festgehalten</translation>
    </message>
    <message>
      <source>Place missing joints</source>
      <translation>Fehlende Gelenke setzen</translation>
    </message>
    <message>
      <source>Place {what} of person {n}</source>
      <translation>{what} von Person {n} ergänzt</translation>
    </message>
    <message>
      <source>Place {what} of person {n} by symmetry</source>
      <translation>{what} von Person {n} symmetrisch gesetzt</translation>
    </message>
    <message>
      <source>Pointer by arrow keys</source>
      <translation>Zeiger mit Pfeiltasten</translation>
    </message>
    <message>
      <source>Pointer to the joint before</source>
      <translation>Zeiger zum vorigen Gelenk</translation>
    </message>
    <message>
      <source>Pointer to the next joint</source>
      <translation>Zeiger zum nächsten Gelenk</translation>
    </message>
    <message>
      <source>Polygon</source>
      <translation>Polygon</translation>
    </message>
    <message>
      <source>Prediction failed</source>
      <translation>Vorhersage fehlgeschlagen</translation>
    </message>
    <message>
      <source>Prediction lost</source>
      <translation>Vorhersage verloren</translation>
    </message>
    <message>
      <source>Press on the owner of the pixels and paint: they go to the selected person · Shift+wheel: size · Esc: back</source>
      <translation>Drücke auf den Besitzer der Pixel und male: Sie gehen an die gewählte Person · Umschalt+Rad: Größe · Esc: zurück</translation>
    </message>
    <message>
      <source>Press on the person that shall get the pixels</source>
      <translation>Drücke auf die Person, die die Pixel bekommen soll</translation>
    </message>
    <message>
      <source>Press on the person that the stroke is for · Shift+wheel: size of the brush</source>
      <translation>Drücke auf die Person, der der Strich gilt · Umschalt+Rad: Größe des Pinsels</translation>
    </message>
    <message>
      <source>Press on the person whose pixels the selected one shall get; there is nobody else here.</source>
      <translation>Drücke auf die Person, deren Pixel die gewählte bekommen soll; hier ist sonst niemand.</translation>
    </message>
    <message>
      <source>Previous difference</source>
      <translation>Voriger Unterschied</translation>
    </message>
    <message>
      <source>Previous image</source>
      <translation>Voriges Bild</translation>
    </message>
    <message>
      <source>Previous part of the window</source>
      <translation>Voriger Teil des Fensters</translation>
    </message>
    <message>
      <source>Previous person</source>
      <translation>Vorige Person</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>Fortschritt</translation>
    </message>
    <message>
      <source>Project can't be made</source>
      <translation>Das Projekt kann nicht angelegt werden</translation>
    </message>
    <message>
      <source>Project can't be opened</source>
      <translation>Projekt lässt sich nicht öffnen</translation>
    </message>
    <message>
      <source>Project can't be written</source>
      <translation>Projekt nicht beschreibbar</translation>
    </message>
    <message>
      <source>Project has gone</source>
      <translation>Projekt ist verschwunden</translation>
    </message>
    <message>
      <source>Project is in use</source>
      <translation>Projekt ist in Gebrauch</translation>
    </message>
    <message>
      <source>Project is newer</source>
      <translation>Projekt ist neuer</translation>
    </message>
    <message>
      <source>Project is older</source>
      <translation>Projekt ist älter</translation>
    </message>
    <message>
      <source>Project is read-only</source>
      <translation>Projekt ist nur zum Lesen offen</translation>
    </message>
    <message>
      <source>Project saved elsewhere</source>
      <translation>Projekt anderswo gespeichert</translation>
    </message>
    <message>
      <source>Project trouble</source>
      <translation>Problem mit dem Projekt</translation>
    </message>
    <message>
      <source>Projects and COCO files</source>
      <translation>Projekte und COCO-Dateien</translation>
    </message>
    <message>
      <source>Proposal</source>
      <translation>Vorschlag</translation>
    </message>
    <message>
      <source>Proposal: {what}</source>
      <translation>Vorschlag: {what}</translation>
    </message>
    <message>
      <source>Proposals that nobody accepted, too</source>
      <translation>Auch Vorschläge, die niemand angenommen hat</translation>
    </message>
    <message>
      <source>Put the pointer on a joint first: {action}.</source>
      <translation>Zeige zuerst auf ein Gelenk: {action}.</translation>
    </message>
    <message>
      <source>Q: accept all proposals · Click a person, or step through them with S and W · Drag what is wrong</source>
      <translation>Q: alle Vorschläge annehmen · Person anklicken, weiter mit S und W · Falsches ziehen</translation>
    </message>
    <message>
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>RECENT</source>
      <translation>ZULETZT GEÖFFNET</translation>
    </message>
    <message>
      <source>Raise the score from which proposals count</source>
      <translation>Wert anheben, ab dem Vorschläge zählen</translation>
    </message>
    <message>
      <source>Reading the folder</source>
      <translation>Ordner wird gelesen</translation>
    </message>
    <message>
      <source>Reading the photos and the model …</source>
      <translation>Fotos und Modell werden gelesen …</translation>
    </message>
    <message>
      <source>Reading {name}</source>
      <translation>{name} wird gelesen</translation>
    </message>
    <message>
      <source>Redo</source>
      <translation>Wiederholen</translation>
    </message>
    <message>
      <source>Reject proposal</source>
      <translation>Vorschlag abgelehnt</translation>
    </message>
    <message>
      <source>Reject {n} proposals</source>
      <translation>{n} Vorschläge abgelehnt</translation>
    </message>
    <message>
      <source>Release the mask of person {n}</source>
      <translation>Maske von Person {n} freigegeben</translation>
    </message>
    <message>
      <source>Release the masks of {n} people</source>
      <translation>Masken von {n} Personen freigegeben</translation>
    </message>
    <message>
      <source>Remove {what} of person {n}</source>
      <translation>{what} von Person {n} entfernt</translation>
    </message>
    <message>
      <source>Repair</source>
      <translation>Reparieren</translation>
    </message>
    <message>
      <source>Return</source>
      <translation>Eingabe</translation>
    </message>
    <message>
      <source>Return sends the image back with this note</source>
      <translation>Die Eingabetaste schickt das Bild mit dieser Notiz zurück</translation>
    </message>
    <message>
      <source>Return: done</source>
      <translation>Eingabe: fertig</translation>
    </message>
    <message>
      <source>Returned by {name}.</source>
      <translation>Von {name} zurückgeschickt.</translation>
    </message>
    <message>
      <source>Returned by {name}: {note}</source>
      <translation>Von {name} zurückgeschickt: {note}</translation>
    </message>
    <message>
      <source>Review</source>
      <translation>Durchsicht</translation>
    </message>
    <message>
      <source>Review: what was changed</source>
      <translation>Durchsicht: was geändert wurde</translation>
    </message>
    <message>
      <source>Run can't be read</source>
      <translation>Training nicht lesbar</translation>
    </message>
    <message>
      <source>Run exists</source>
      <translation>Training gibt es schon</translation>
    </message>
    <message>
      <source>Run is under way</source>
      <translation>Training läuft schon</translation>
    </message>
    <message>
      <source>Same file</source>
      <translation>Dieselbe Datei</translation>
    </message>
    <message>
      <source>Same person</source>
      <translation>Dieselbe Person</translation>
    </message>
    <message>
      <source>Sample can't be copied</source>
      <translation>Das Beispiel kann nicht kopiert werden</translation>
    </message>
    <message>
      <source>Save and open it</source>
      <translation>Speichern und öffnen</translation>
    </message>
    <message>
      <source>Say what the image's annotations cover</source>
      <translation>Angegeben, was die Annotationen des Bildes umfassen</translation>
    </message>
    <message>
      <source>Score from which proposals count</source>
      <translation>Wert, ab dem Vorschläge zählen</translation>
    </message>
    <message>
      <source>Score ≥ {score}</source>
      <translation>Wert ≥ {score}</translation>
    </message>
    <message>
      <source>Search actions and images</source>
      <translation>Aktionen und Bilder suchen</translation>
    </message>
    <message>
      <source>See who is right</source>
      <translation>Bestätige, was stimmt</translation>
    </message>
    <message>
      <source>Select and move</source>
      <translation>Auswählen und verschieben</translation>
    </message>
    <message>
      <source>Send back</source>
      <translation>Zurückschicken</translation>
    </message>
    <message>
      <source>Send person {n} to the back</source>
      <translation>Person {n} nach hinten gestellt</translation>
    </message>
    <message>
      <source>Send the image back</source>
      <translation>Bild zurückgeschickt</translation>
    </message>
    <message>
      <source>Send the image back with a note…</source>
      <translation>Das Bild mit einer Notiz zurückschicken…</translation>
    </message>
    <message>
      <source>Send to the back</source>
      <translation>Nach hinten stellen</translation>
    </message>
    <message>
      <source>Sent back</source>
      <translation>Zurückgeschickt</translation>
    </message>
    <message>
      <source>Set nothing of person {n}</source>
      <translation>Nichts an Person {n} gesetzt</translation>
    </message>
    <message>
      <source>Set the box of person {n}</source>
      <translation>Rahmen von Person {n} gesetzt</translation>
    </message>
    <message>
      <source>Set the mask of person {n}</source>
      <translation>Maske von Person {n} gesetzt</translation>
    </message>
    <message>
      <source>Set the masks of {n} people</source>
      <translation>Masken von {n} Personen gesetzt</translation>
    </message>
    <message>
      <source>Set {name} of person {n}</source>
      <translation>{name} von Person {n} gesetzt</translation>
    </message>
    <message>
      <source>Shift + arrows</source>
      <translation>Umschalt + Pfeile</translation>
    </message>
    <message>
      <source>Shift + wheel</source>
      <translation>Umschalt + Rad</translation>
    </message>
    <message>
      <source>Shift: fine · Alt: the limb follows · Alt+Shift: whole person · Esc: as before</source>
      <translation>Umschalt: fein · Alt: Gliedmaße folgt · Alt+Umschalt: ganze Person · Esc: wie vorher</translation>
    </message>
    <message>
      <source>Show all images</source>
      <translation>Alle Bilder zeigen</translation>
    </message>
    <message>
      <source>Show everybody</source>
      <translation>Alle zeigen</translation>
    </message>
    <message>
      <source>Show it</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <source>Show the folder</source>
      <translation>Ordner zeigen</translation>
    </message>
    <message>
      <source>Size of the brush</source>
      <translation>Größe des Pinsels</translation>
    </message>
    <message>
      <source>Sizes differ</source>
      <translation>Größen verschieden</translation>
    </message>
    <message>
      <source>Skeletons</source>
      <translation>Skelette</translation>
    </message>
    <message>
      <source>Skip the image</source>
      <translation>Bild überspringen</translation>
    </message>
    <message>
      <source>Skip the image, go on</source>
      <translation>Bild überspringen, weiter</translation>
    </message>
    <message>
      <source>Skipped</source>
      <translation>Übersprungen</translation>
    </message>
    <message>
      <source>Smaller brush</source>
      <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
      <source>Something else is still being read; try again when it is done.</source>
      <translation>Es wird noch etwas anderes gelesen; versuche es danach noch einmal.</translation>
    </message>
    <message>
      <source>Space</source>
      <translation>Leertaste</translation>
    </message>
    <message>
      <source>Split into its parts</source>
      <translation>In Teile zerlegen</translation>
    </message>
    <message>
      <source>Split person {n} by 1 joint</source>
      <translation>Person {n} nach 1 Gelenk zerlegt</translation>
    </message>
    <message>
      <source>Split person {n} by {m} joints</source>
      <translation>Person {n} nach {m} Gelenken zerlegt</translation>
    </message>
    <message>
      <source>Split person {n} into {m}</source>
      <translation>Person {n} in {m} zerlegt</translation>
    </message>
    <message>
      <source>Splitting needs labelled keypoints on both sides; choose some, but not all.</source>
      <translation>Zum Zerlegen braucht es gesetzte Gelenke auf beiden Seiten; wähle einige, aber nicht alle.</translation>
    </message>
    <message>
      <source>Start training</source>
      <translation>Training starten</translation>
    </message>
    <message>
      <source>State does not fit</source>
      <translation>Stand passt nicht</translation>
    </message>
    <message>
      <source>State is too new</source>
      <translation>Stand ist zu neu</translation>
    </message>
    <message>
      <source>Stay here</source>
      <translation>Hierbleiben</translation>
    </message>
    <message>
      <source>Still at work</source>
      <translation>Noch beschäftigt</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Stop and keep</source>
      <translation>Anhalten und behalten</translation>
    </message>
    <message>
      <source>Stopped</source>
      <translation>Angehalten</translation>
    </message>
    <message>
      <source>Stopping …</source>
      <translation>Hält an …</translation>
    </message>
    <message>
      <source>Strokes exactly as painted</source>
      <translation>Striche genau wie gemalt</translation>
    </message>
    <message>
      <source>Swap left and right of person {n}</source>
      <translation>Links und rechts von Person {n} getauscht</translation>
    </message>
    <message>
      <source>Swap left and right of the limb</source>
      <translation>Links und rechts des Arms oder Beins tauschen</translation>
    </message>
    <message>
      <source>Swap left and right of the person</source>
      <translation>Links und rechts der Person tauschen</translation>
    </message>
    <message>
      <source>Swap left and right of this pair</source>
      <translation>Links und rechts dieses Paares tauschen</translation>
    </message>
    <message>
      <source>Swap left and right {what} and beyond of person {n}</source>
      <translation>{what} und dahinter links und rechts von Person {n} getauscht</translation>
    </message>
    <message>
      <source>Swap left and right {what} of person {n}</source>
      <translation>{what} links und rechts von Person {n} getauscht</translation>
    </message>
    <message>
      <source>Take over</source>
      <translation>Übernehmen</translation>
    </message>
    <message>
      <source>Take {name} away</source>
      <translation>{name} entfernen</translation>
    </message>
    <message>
      <source>Taken over.</source>
      <translation>Übernommen.</translation>
    </message>
    <message>
      <source>Ten times as far</source>
      <translation>Zehnmal so weit</translation>
    </message>
    <message>
      <source>The box of person {n} has no size.</source>
      <translation>Der Rahmen von Person {n} hat keine Größe.</translation>
    </message>
    <message>
      <source>The category {value} has no list of keypoint names</source>
      <translation>Die Kategorie {value} hat keine Liste mit Namen von Gelenken</translation>
    </message>
    <message>
      <source>The description inside {name} can't be read.</source>
      <translation>Die Beschreibung in {name} ist nicht lesbar.</translation>
    </message>
    <message>
      <source>The file exists and will be replaced</source>
      <translation>Die Datei gibt es schon; sie wird ersetzt</translation>
    </message>
    <message>
      <source>The file of a project was moved, deleted or replaced while it was open; all that was open is in {path}.</source>
      <translation>Die Datei eines Projekts wurde verschoben, gelöscht oder ersetzt, während es offen war; alles, was offen war, ist in {path}.</translation>
    </message>
    <message>
      <source>The files that ship with KDC Annotator are missing; install it again.</source>
      <translation>Dateien, die zu KDC Annotator gehören, fehlen; bitte neu installieren.</translation>
    </message>
    <message>
      <source>The folder can't be written, so the project is kept in {place}.</source>
      <translation>In den Ordner kann nicht geschrieben werden; das Projekt liegt deshalb in {place}.</translation>
    </message>
    <message>
      <source>The folder of {name} (a network folder?) can't lock files, so two programs could overwrite each other's work; copy the project to a local disk, or open it for reading only.</source>
      <translation>Der Ordner von {name} (ein Netzordner?) kann Dateien nicht sperren, zwei Programme könnten also einander überschreiben; kopiere das Projekt auf einen Datenträger dieses Rechners oder öffne es nur zum Lesen.</translation>
    </message>
    <message>
      <source>The folder of {name} is not there any more, so nothing can be stored; everything before the last step is safe in it. Move it back, or open it where it is now.</source>
      <translation>Der Ordner von {name} ist nicht mehr da, also kann nichts gespeichert werden; alles vor dem letzten Schritt ist in ihm sicher. Schiebe ihn zurück oder öffne ihn dort, wo er jetzt ist.</translation>
    </message>
    <message>
      <source>The folder {name} holds no photos.</source>
      <translation>Im Ordner {name} sind keine Fotos.</translation>
    </message>
    <message>
      <source>The heads of {name} are not those of this version of KDC; train or convert it anew.</source>
      <translation>Die Ausgaben von {name} sind nicht die dieser Version von KDC; bitte neu trainieren oder umwandeln.</translation>
    </message>
    <message>
      <source>The kept prediction in {name} can't be read ({error}); predict the photo again.</source>
      <translation>Die aufgehobene Vorhersage in {name} ist nicht lesbar ({error}); bitte das Foto noch einmal vorhersagen lassen.</translation>
    </message>
    <message>
      <source>The keypoint is this person's already; choose another person.</source>
      <translation>Das Gelenk gehört dieser Person schon; wähle eine andere.</translation>
    </message>
    <message>
      <source>The keypoints of this category have no left and right to swap.</source>
      <translation>Die Gelenke dieser Kategorie haben kein Links und Rechts zum Tauschen.</translation>
    </message>
    <message>
      <source>The language changes when the window is opened again.</source>
      <translation>Die Sprache wechselt, wenn das Fenster neu geöffnet wird.</translation>
    </message>
    <message>
      <source>The limb beyond follows</source>
      <translation>Der Rest der Gliedmaße folgt</translation>
    </message>
    <message>
      <source>The mask came with the file and stays · Shift: fine · Alt: the limb follows · Esc: as before</source>
      <translation>Maske kam mit der Datei und bleibt · Umschalt: fein · Alt: Gliedmaße folgt · Esc: wie vorher</translation>
    </message>
    <message>
      <source>The mask came with the file. It stays as it is, also where joints are moved.</source>
      <translation>Die Maske kam mit der Datei. Sie bleibt, wie sie ist, auch wenn Gelenke bewegt werden.</translation>
    </message>
    <message>
      <source>The mask came with the file: strokes count exactly as painted · Ctrl+G: let it follow · Esc: back</source>
      <translation>Maske kam mit der Datei: Striche zählen genau wie gemalt · Strg+G: folgen lassen · Esc: zurück</translation>
    </message>
    <message>
      <source>The mask can't be read: {error}.</source>
      <translation>Die Maske ist nicht lesbar: {error}.</translation>
    </message>
    <message>
      <source>The mask of person {n} can't be read; it is kept as it came.</source>
      <translation>Die Maske von Person {n} ist nicht lesbar; sie bleibt, wie sie kam.</translation>
    </message>
    <message>
      <source>The mask of person {n} has a piece far from the rest.</source>
      <translation>Die Maske von Person {n} hat ein Stück weit weg vom Rest.</translation>
    </message>
    <message>
      <source>The mask of person {n} has {what}.</source>
      <translation>Die Maske von Person {n} hat {what}.</translation>
    </message>
    <message>
      <source>The mask of person {n} is in one piece; put the pointer on the joint where the other person begins.</source>
      <translation>Die Maske von Person {n} ist aus einem Stück; zeig auf das Gelenk, an dem die andere Person beginnt.</translation>
    </message>
    <message>
      <source>The mask was drawn by hand and stays · Shift: fine · Alt: the limb follows · Esc: as before</source>
      <translation>Die Maske ist von Hand gezeichnet und bleibt · Umschalt: fein · Alt: Gliedmaße folgt · Esc: wie vorher</translation>
    </message>
    <message>
      <source>The mask was drawn by hand. It stays as it is, also where joints are moved.</source>
      <translation>Die Maske ist von Hand gezeichnet. Sie bleibt, wie sie ist, auch wenn Gelenke bewegt werden.</translation>
    </message>
    <message>
      <source>The mask was drawn by hand: strokes count exactly as painted · Ctrl+G: let it follow · Esc: back</source>
      <translation>Die Maske ist von Hand gezeichnet: Striche zählen genau wie gemalt · Strg+G: folgen lassen · Esc: zurück</translation>
    </message>
    <message>
      <source>The masks follow</source>
      <translation>Die Masken folgen</translation>
    </message>
    <message>
      <source>The model could not be loaded ({error}).</source>
      <translation>Das Modell konnte nicht geladen werden ({error}).</translation>
    </message>
    <message>
      <source>The model does not fit into memory; close other programs.</source>
      <translation>Das Modell passt nicht in den Speicher; bitte andere Programme schließen.</translation>
    </message>
    <message>
      <source>The model is being trained</source>
      <translation>Das Modell wird trainiert</translation>
    </message>
    <message>
      <source>The model is looking for people … · 5: add a person yourself · D: next image</source>
      <translation>Das Modell sucht nach Personen … · 5: selbst eine hinzufügen · D: nächstes Bild</translation>
    </message>
    <message>
      <source>The model is still looking for people here; press again to confirm the image as empty.</source>
      <translation>Das Modell sucht hier noch nach Personen; noch einmal drücken bestätigt das Bild als leer.</translation>
    </message>
    <message>
      <source>The model learns from what you finished. It runs as a process of its own: go on labelling meanwhile.</source>
      <translation>Das Modell lernt aus dem, was du fertig gemacht hast. Es läuft als eigener Prozess: Arbeite währenddessen weiter.</translation>
    </message>
    <message>
      <source>The model proposes people: dashed outlines, dotted limbs. Click one to select it, click again for the one beneath. {next_person} and {previous_person} step through them.</source>
      <translation>Das Modell schlägt Personen vor: gestrichelte Umrisse, gepunktete Gliedmaßen. Ein Klick wählt eine, noch ein Klick die darunter. {next_person} und {previous_person} wechseln zur nächsten und zur vorigen.</translation>
    </message>
    <message>
      <source>The model {file} is gone; the bundled one is used.</source>
      <translation>Das Modell {file} ist nicht mehr da; das mitgelieferte wird benutzt.</translation>
    </message>
    <message>
      <source>The model's process can't be begun ({error}).</source>
      <translation>Der Prozess des Modells lässt sich nicht beginnen ({error}).</translation>
    </message>
    <message>
      <source>The new person has the joints placed so far.</source>
      <translation>Die neue Person hat die bisher gesetzten Gelenke.</translation>
    </message>
    <message>
      <source>The note on {name} could not be stored; its words wait there.</source>
      <translation>Die Notiz zu {name} ließ sich nicht speichern; ihre Worte warten dort.</translation>
    </message>
    <message>
      <source>The note that was begun for {name} was not sent; it waits there.</source>
      <translation>Die begonnene Notiz zu {name} wurde nicht gesendet; sie wartet dort.</translation>
    </message>
    <message>
      <source>The old and the new model on the images held back ({count}):</source>
      <translation>Das alte und das neue Modell an den zurückgehaltenen Bildern ({count}):</translation>
    </message>
    <message>
      <source>The only photo can't be used: {error}</source>
      <translation>Das einzige Foto ist nicht zu gebrauchen: {error}</translation>
    </message>
    <message>
      <source>The other image has nobody to copy.</source>
      <translation>Im anderen Bild ist niemand, der sich kopieren ließe.</translation>
    </message>
    <message>
      <source>The people of {name} are all here already.</source>
      <translation>Die Personen aus {name} sind alle schon hier.</translation>
    </message>
    <message>
      <source>The person beneath</source>
      <translation>Die Person darunter</translation>
    </message>
    <message>
      <source>The person beneath the pointer</source>
      <translation>Die Person unter dem Zeiger</translation>
    </message>
    <message>
      <source>The photo can't be read · Shift+Space: skip it, go on · D: next image</source>
      <translation>Foto nicht lesbar · Umschalt+Leertaste: überspringen, weiter · D: nächstes Bild</translation>
    </message>
    <message>
      <source>The photo can't be read, so nobody knows who is in it.</source>
      <translation>Das Foto ist nicht lesbar; wer darauf ist, weiß niemand.</translation>
    </message>
    <message>
      <source>The photos of {name} are in {place}, not below {other}, the project's images folder; choose another --out.</source>
      <translation>Die Fotos von {name} sind in {place}, nicht unter {other}, dem Bilderordner des Projekts; bitte ein anderes --out wählen.</translation>
    </message>
    <message>
      <source>The pixels are this person's already; choose another person.</source>
      <translation>Die Pixel gehören dieser Person schon; wähle eine andere.</translation>
    </message>
    <message>
      <source>The polygon changed nothing and is gone.</source>
      <translation>Das Polygon hat nichts geändert und ist weg.</translation>
    </message>
    <message>
      <source>The polygon had fewer than three corners and is gone.</source>
      <translation>Das Polygon hatte weniger als drei Ecken und ist weg.</translation>
    </message>
    <message>
      <source>The polygon was closed and added to the mask.</source>
      <translation>Das Polygon wurde geschlossen und zur Maske genommen.</translation>
    </message>
    <message>
      <source>The run held no photos back, because fewer than six finished photos have people with joints.</source>
      <translation>Das Training hielt keine Fotos zurück, weil weniger als sechs fertige Fotos Personen mit Gelenken haben.</translation>
    </message>
    <message>
      <source>The skeleton of category {value} is not a list of index pairs</source>
      <translation>Das Skelett der Kategorie {value} ist keine Liste von Paaren</translation>
    </message>
    <message>
      <source>The stored image {name} can't be read ({error}); restore the project from a backup.</source>
      <translation>Das gespeicherte Bild {name} ist nicht lesbar ({error}); bitte das Projekt aus einer Sicherung wiederherstellen.</translation>
    </message>
    <message>
      <source>The training could not go on</source>
      <translation>Das Training konnte nicht weitergehen</translation>
    </message>
    <message>
      <source>The training is being stopped</source>
      <translation>Das Training wird angehalten</translation>
    </message>
    <message>
      <source>The training is done</source>
      <translation>Das Training ist fertig</translation>
    </message>
    <message>
      <source>The training is still running.</source>
      <translation>Das Training läuft noch.</translation>
    </message>
    <message>
      <source>The training was stopped</source>
      <translation>Das Training wurde angehalten</translation>
    </message>
    <message>
      <source>The weights of {name} do not fit {other} as described in it (see {place}).</source>
      <translation>Die Gewichte von {name} passen nicht zu {other}, wie es darin beschrieben ist (siehe {place}).</translation>
    </message>
    <message>
      <source>The whole person</source>
      <translation>Die ganze Person</translation>
    </message>
    <message>
      <source>The worker can't be started ({error}).</source>
      <translation>Der Rechenprozess kann nicht gestartet werden ({error}).</translation>
    </message>
    <message>
      <source>The worker died</source>
      <translation>Der Rechenprozess ist abgestürzt</translation>
    </message>
    <message>
      <source>The worker ran out of memory and starts again.</source>
      <translation>Dem Rechenprozess ging der Speicher aus; er startet neu.</translation>
    </message>
    <message>
      <source>The worker ran out of memory over {name} and starts again.</source>
      <translation>Dem Rechenprozess ging bei {name} der Speicher aus; er startet neu.</translation>
    </message>
    <message>
      <source>The worker ran out of memory over {name} several times in a row.</source>
      <translation>Dem Rechenprozess ging bei {name} mehrmals hintereinander der Speicher aus.</translation>
    </message>
    <message>
      <source>The worker ran out of memory several times in a row.</source>
      <translation>Dem Rechenprozess ging mehrmals hintereinander der Speicher aus.</translation>
    </message>
    <message>
      <source>The worker ran out of memory while it was busy with {name}; it starts again. Ask again, or leave this photo out.</source>
      <translation>Dem Rechenprozess ging bei {name} der Speicher aus; er startet neu. Bitte noch einmal versuchen oder dieses Foto auslassen.</translation>
    </message>
    <message>
      <source>The worker stopped unexpectedly (code {n}) and starts again.</source>
      <translation>Der Rechenprozess endete unerwartet (Code {n}) und startet neu.</translation>
    </message>
    <message>
      <source>The worker stopped unexpectedly (code {n}) over {name} and starts again.</source>
      <translation>Der Rechenprozess endete bei {name} unerwartet (Code {n}) und startet neu.</translation>
    </message>
    <message>
      <source>The worker stopped unexpectedly (code {n}) over {name} several times in a row.</source>
      <translation>Der Rechenprozess endete bei {name} mehrmals hintereinander unerwartet (Code {n}).</translation>
    </message>
    <message>
      <source>The worker stopped unexpectedly (code {n}) several times in a row.</source>
      <translation>Der Rechenprozess endete mehrmals hintereinander unerwartet (Code {n}).</translation>
    </message>
    <message>
      <source>The worker stopped unexpectedly (code {n}) while it was busy with {name}; it starts again. Ask again, or leave this photo out.</source>
      <translation>Der Rechenprozess endete bei {name} unerwartet (Code {n}); er startet neu. Bitte noch einmal versuchen oder dieses Foto auslassen.</translation>
    </message>
    <message>
      <source>The {kind} is {value} at step {n} on {name}; lower the learning rate or look at these photos.</source>
      <translation>In Schritt {n} ist {kind} {value}, bei {name}; bitte diese Fotos ansehen oder die Lernrate senken.</translation>
    </message>
    <message>
      <source>The {what} has no other side to swap with.</source>
      <translation>Das Gelenk „{what}“ hat keine andere Seite zum Tauschen.</translation>
    </message>
    <message>
      <source>The {what} of person {n} lies outside its mask.</source>
      <translation>Gelenk außerhalb der Maske von Person {n}: {what}.</translation>
    </message>
    <message>
      <source>The {what} of person {n} lies outside the image.</source>
      <translation>Gelenk außerhalb des Bildes bei Person {n}: {what}.</translation>
    </message>
    <message>
      <source>Theme</source>
      <translation>Aussehen</translation>
    </message>
    <message>
      <source>Theme of the desktop</source>
      <translation>Aussehen des Desktops</translation>
    </message>
    <message>
      <source>There is no file or folder {name}.</source>
      <translation>Eine Datei oder einen Ordner {name} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no model file at {name}.</source>
      <translation>{name}: Dort ist keine Modelldatei.</translation>
    </message>
    <message>
      <source>There is no model; people can be added by hand.</source>
      <translation>Es gibt kein Modell; Personen können von Hand hinzugefügt werden.</translation>
    </message>
    <message>
      <source>There is not enough memory; close other programs.</source>
      <translation>Der Speicher reicht nicht; schließe andere Programme.</translation>
    </message>
    <message>
      <source>These two are of categories with different keypoints and can't be merged.</source>
      <translation>Die beiden sind aus Kategorien mit verschiedenen Gelenken und lassen sich nicht vereinen.</translation>
    </message>
    <message>
      <source>This joint is not labelled. Move the pointer off it to delete the person.</source>
      <translation>Dieses Gelenk ist nicht gesetzt. Um die Person zu löschen, den Zeiger davon wegbewegen.</translation>
    </message>
    <message>
      <source>This person has neither joints nor a mask yet.</source>
      <translation>Diese Person hat noch weder Gelenke noch eine Maske.</translation>
    </message>
    <message>
      <source>This project has no images yet.</source>
      <translation>Dieses Projekt hat noch keine Bilder.</translation>
    </message>
    <message>
      <source>This project has nobody to learn from yet.</source>
      <translation>In diesem Projekt ist noch niemand, von dem man lernen kann.</translation>
    </message>
    <message>
      <source>This run trains on {name}; resume it without naming data, or start another with -o.</source>
      <translation>Dieses Training verwendet {name}; ohne Angabe von Daten fortsetzen oder mit -o ein anderes beginnen.</translation>
    </message>
    <message>
      <source>This was the last image of the list.</source>
      <translation>Das war das letzte Bild der Liste.</translation>
    </message>
    <message>
      <source>To be reviewed</source>
      <translation>Durchzusehen</translation>
    </message>
    <message>
      <source>Too few corners</source>
      <translation>Zu wenige Ecken</translation>
    </message>
    <message>
      <source>Too few images to hold some back, so old and new model can't be compared afterwards; six are enough.</source>
      <translation>Zu wenige Bilder, um welche zurückzuhalten; altes und neues Modell können danach nicht verglichen werden. Sechs genügen.</translation>
    </message>
    <message>
      <source>Train on this project</source>
      <translation>Mit diesem Projekt trainieren</translation>
    </message>
    <message>
      <source>Train on this project…</source>
      <translation>Mit diesem Projekt trainieren…</translation>
    </message>
    <message>
      <source>Train on {project}</source>
      <translation>Training mit {project}</translation>
    </message>
    <message>
      <source>Training can't be started</source>
      <translation>Training nicht möglich</translation>
    </message>
    <message>
      <source>Training diverged</source>
      <translation>Training entgleist</translation>
    </message>
    <message>
      <source>Training on 1 crop of {m} pixels at a time needs more memory than there is; lower --batch (and raise accumulate in the recipe to keep its effect) or the recipe's crop size, or close other programs.</source>
      <translation>Mit 1 Ausschnitt von {m} Pixeln auf einmal braucht das Training mehr Speicher, als da ist; bitte andere Programme schließen oder --batch senken (und dafür accumulate im Rezept erhöhen) oder die Größe der Ausschnitte im Rezept.</translation>
    </message>
    <message>
      <source>Training on {n} crops of {m} pixels at a time needs more memory than there is; lower --batch (and raise accumulate in the recipe to keep its effect) or the recipe's crop size, or close other programs.</source>
      <translation>Mit {n} Ausschnitten von {m} Pixeln auf einmal braucht das Training mehr Speicher, als da ist; bitte andere Programme schließen oder --batch senken (und dafür accumulate im Rezept erhöhen) oder die Größe der Ausschnitte im Rezept.</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>Noch einmal versuchen</translation>
    </message>
    <message>
      <source>Try the sample crowd</source>
      <translation>Das Beispiel ausprobieren</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <source>Unlock</source>
      <translation>Entsperren</translation>
    </message>
    <message>
      <source>Unlock person {n}</source>
      <translation>Person {n} entsperrt</translation>
    </message>
    <message>
      <source>Unlock {n} people</source>
      <translation>{n} Personen entsperrt</translation>
    </message>
    <message>
      <source>Unpin pixels of person {n}</source>
      <translation>Pixel von Person {n} freigegeben</translation>
    </message>
    <message>
      <source>Unreadable mask</source>
      <translation>Maske nicht lesbar</translation>
    </message>
    <message>
      <source>Use another model</source>
      <translation>Anderes Modell verwenden</translation>
    </message>
    <message>
      <source>Use another model…</source>
      <translation>Anderes Modell verwenden …</translation>
    </message>
    <message>
      <source>Use the bundled model again</source>
      <translation>Wieder das mitgelieferte Modell</translation>
    </message>
    <message>
      <source>Use the new model</source>
      <translation>Das neue Modell benutzen</translation>
    </message>
    <message>
      <source>Use the old model again</source>
      <translation>Wieder das alte Modell</translation>
    </message>
    <message>
      <source>Use this key</source>
      <translation>Diese Taste nehmen</translation>
    </message>
    <message>
      <source>View</source>
      <translation>Ansicht</translation>
    </message>
    <message>
      <source>Visible, occluded, not labelled</source>
      <translation>Sichtbar, verdeckt, nicht gesetzt</translation>
    </message>
    <message>
      <source>Waits for review.</source>
      <translation>Wartet auf Durchsicht.</translation>
    </message>
    <message>
      <source>Weighing doubts</source>
      <translation>Zweifel werden abgewogen</translation>
    </message>
    <message>
      <source>What do you want to do?</source>
      <translation>Was möchtest du tun?</translation>
    </message>
    <message>
      <source>What it finds in images held back, at step {step}</source>
      <translation>Was es in zurückgehaltenen Bildern findet, bei Schritt {step}</translation>
    </message>
    <message>
      <source>What it learnt until then is kept; it can go on from there.</source>
      <translation>Was es bis dahin gelernt hat, ist gesichert; von dort kann es weitergehen.</translation>
    </message>
    <message>
      <source>What shall be different?</source>
      <translation>Was soll anders sein?</translation>
    </message>
    <message>
      <source>What the training says</source>
      <translation>Was das Training sagt</translation>
    </message>
    <message>
      <source>Wheel</source>
      <translation>Rad</translation>
    </message>
    <message>
      <source>Which images</source>
      <translation>Welche Bilder</translation>
    </message>
    <message>
      <source>Who is there is a proposal, which owns no pixels yet; accept it first.</source>
      <translation>Dort ist ein Vorschlag, dem noch keine Pixel gehören; nimm ihn erst an.</translation>
    </message>
    <message>
      <source>Whom the polygon was for is gone from the image, and so is the polygon.</source>
      <translation>Wem das Polygon galt, ist nicht mehr im Bild, und das Polygon ist auch weg.</translation>
    </message>
    <message>
      <source>Whom the polygon was for is gone from the image; click the person who shall have it.</source>
      <translation>Wem das Polygon galt, ist nicht mehr im Bild; klicke die Person an, die es bekommen soll.</translation>
    </message>
    <message>
      <source>Whom the stroke was for is gone from the image; nothing was changed.</source>
      <translation>Wem der Strich galt, ist nicht mehr im Bild; es wurde nichts geändert.</translation>
    </message>
    <message>
      <source>With errors</source>
      <translation>Mit Fehlern</translation>
    </message>
    <message>
      <source>With proposals</source>
      <translation>Mit Vorschlägen</translation>
    </message>
    <message>
      <source>Withdraw the review</source>
      <translation>Durchsicht zurückgenommen</translation>
    </message>
    <message>
      <source>Words of the new attribute, with commas between them</source>
      <translation>Wörter des neuen Attributs, mit Kommas dazwischen</translation>
    </message>
    <message>
      <source>Words, with commas between them</source>
      <translation>Wörter, mit Kommas dazwischen</translation>
    </message>
    <message>
      <source>Work and reviews are signed with this name:</source>
      <translation>Arbeit und Durchsichten werden mit diesem Namen gezeichnet:</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>Geschrieben: {path}</translation>
    </message>
    <message>
      <source>You are working in {name} now.</source>
      <translation>Du arbeitest jetzt in {name}.</translation>
    </message>
    <message>
      <source>You have no permission to read {name}.</source>
      <translation>Du darfst {name} nicht lesen.</translation>
    </message>
    <message>
      <source>Your name</source>
      <translation>Dein Name</translation>
    </message>
    <message>
      <source>Your name…</source>
      <translation>Dein Name…</translation>
    </message>
    <message>
      <source>Zoom at the pointer</source>
      <translation>Zoom am Zeiger</translation>
    </message>
    <message>
      <source>Zoom in</source>
      <translation>Vergrößern</translation>
    </message>
    <message>
      <source>Zoom out</source>
      <translation>Verkleinern</translation>
    </message>
    <message>
      <source>Zoom to the person</source>
      <translation>Auf die Person zoomen</translation>
    </message>
    <message>
      <source>a colon is missing</source>
      <translation>ein Doppelpunkt fehlt</translation>
    </message>
    <message>
      <source>a comma is missing</source>
      <translation>ein Komma fehlt</translation>
    </message>
    <message>
      <source>a key is missing</source>
      <translation>ein Schlüssel fehlt</translation>
    </message>
    <message>
      <source>a mask is a list of polygons or an RLE, not {kind}</source>
      <translation>eine Maske ist eine Liste von Polygonen oder eine RLE, nicht {kind}</translation>
    </message>
    <message>
      <source>a number has more than {n} digits</source>
      <translation>eine Zahl hat mehr als {n} Ziffern</translation>
    </message>
    <message>
      <source>a polygon has an odd count of numbers</source>
      <translation>ein Polygon hat eine ungerade Anzahl von Zahlen</translation>
    </message>
    <message>
      <source>a polygon is a list of finite numbers</source>
      <translation>ein Polygon ist eine Liste endlicher Zahlen</translation>
    </message>
    <message>
      <source>a polygon is not a list of x, y pairs</source>
      <translation>ein Polygon ist keine Liste von Paaren x, y</translation>
    </message>
    <message>
      <source>a polygon is not a list of x, y pairs, but holds something else than numbers</source>
      <translation>ein Polygon ist keine Liste von Paaren x, y, sondern enthält anderes als Zahlen</translation>
    </message>
    <message>
      <source>a polygon is not a list of x, y pairs: a coordinate is not finite</source>
      <translation>ein Polygon ist keine Liste von Paaren x, y: eine Koordinate ist nicht endlich</translation>
    </message>
    <message>
      <source>a polygon is not a list of x, y pairs: it has an odd number of coordinates</source>
      <translation>ein Polygon ist keine Liste von Paaren x, y: die Zahl der Koordinaten ist ungerade</translation>
    </message>
    <message>
      <source>a polygon needs three points</source>
      <translation>ein Polygon braucht drei Punkte</translation>
    </message>
    <message>
      <source>a tiny hole</source>
      <translation>ein winziges Loch</translation>
    </message>
    <message>
      <source>a tiny speck</source>
      <translation>einen winzigen Fleck</translation>
    </message>
    <message>
      <source>accepted in review</source>
      <translation>in der Durchsicht angenommen</translation>
    </message>
    <message>
      <source>added</source>
      <translation>hinzugefügt</translation>
    </message>
    <message>
      <source>an RLE needs size [height, width]</source>
      <translation>eine RLE braucht size [Höhe, Breite]</translation>
    </message>
    <message>
      <source>and 1 proposal</source>
      <translation>und 1 Vorschlag</translation>
    </message>
    <message>
      <source>and {count} proposals</source>
      <translation>und {count} Vorschlägen</translation>
    </message>
    <message>
      <source>ankle</source>
      <translation>Knöchel</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>wie gewählt</translation>
    </message>
    <message>
      <source>attributes</source>
      <translation>Attribute</translation>
    </message>
    <message>
      <source>better</source>
      <translation>besser</translation>
    </message>
    <message>
      <source>by the model, else by symmetry</source>
      <translation>durch das Modell, sonst symmetrisch</translation>
    </message>
    <message>
      <source>category</source>
      <translation>Kategorie</translation>
    </message>
    <message>
      <source>category {value} names no keypoints; its {n} read as those of {kind}</source>
      <translation>Kategorie {value} nennt keine Gelenke; ihre {n} gelten als die von {kind}</translation>
    </message>
    <message>
      <source>centres</source>
      <translation>Mitten</translation>
    </message>
    <message>
      <source>changed</source>
      <translation>geändert</translation>
    </message>
    <message>
      <source>confirmed</source>
      <translation>bestätigt</translation>
    </message>
    <message>
      <source>crowd region or not</source>
      <translation>Menschenmenge oder nicht</translation>
    </message>
    <message>
      <source>deleted</source>
      <translation>gelöscht</translation>
    </message>
    <message>
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>done and empty</source>
      <translation>fertig und leer</translation>
    </message>
    <message>
      <source>done, nobody in it</source>
      <translation>fertig, niemand darin</translation>
    </message>
    <message>
      <source>ear</source>
      <translation>Ohr</translation>
    </message>
    <message>
      <source>elbow</source>
      <translation>Ellbogen</translation>
    </message>
    <message>
      <source>else the mask follows the stroke</source>
      <translation>sonst folgt die Maske dem Strich</translation>
    </message>
    <message>
      <source>embedding</source>
      <translation>Einbettung</translation>
    </message>
    <message>
      <source>evaluate ended with code {n}.</source>
      <translation>evaluate endete mit Code {n}.</translation>
    </message>
    <message>
      <source>expecting ',' delimiter</source>
      <translation>ein Komma fehlt</translation>
    </message>
    <message>
      <source>expecting ':' delimiter</source>
      <translation>ein Doppelpunkt fehlt</translation>
    </message>
    <message>
      <source>expecting property name enclosed in double quotes</source>
      <translation>ein Name in doppelten Anführungszeichen fehlt</translation>
    </message>
    <message>
      <source>expecting value</source>
      <translation>ein Wert fehlt</translation>
    </message>
    <message>
      <source>extra data</source>
      <translation>nach dem Ende der Daten steht noch etwas</translation>
    </message>
    <message>
      <source>eye</source>
      <translation>Auge</translation>
    </message>
    <message>
      <source>finished image</source>
      <translation>fertiges Bild</translation>
    </message>
    <message>
      <source>finished images</source>
      <translation>fertige Bilder</translation>
    </message>
    <message>
      <source>four numbers read as a box x, y, width, height</source>
      <translation>vier Zahlen gelten als Rahmen x, y, Breite, Höhe</translation>
    </message>
    <message>
      <source>h</source>
      <translation>h</translation>
    </message>
    <message>
      <source>head</source>
      <translation>Kopf</translation>
    </message>
    <message>
      <source>hip</source>
      <translation>Hüfte</translation>
    </message>
    <message>
      <source>holds something else than finite numbers</source>
      <translation>enthält anderes als endliche Zahlen</translation>
    </message>
    <message>
      <source>illegal trailing comma before end of array</source>
      <translation>vor dem Ende einer Liste steht ein Komma zu viel</translation>
    </message>
    <message>
      <source>illegal trailing comma before end of object</source>
      <translation>vor dem Ende einer Tabelle steht ein Komma zu viel</translation>
    </message>
    <message>
      <source>image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>image held back to compare</source>
      <translation>Bild zum Vergleich zurückgehalten</translation>
    </message>
    <message>
      <source>image {n}</source>
      <translation>Bild {n}</translation>
    </message>
    <message>
      <source>images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>images held back to compare</source>
      <translation>Bilder zum Vergleich zurückgehalten</translation>
    </message>
    <message>
      <source>imported</source>
      <translation>importiert</translation>
    </message>
    <message>
      <source>in progress</source>
      <translation>in Arbeit</translation>
    </message>
    <message>
      <source>invalid \escape</source>
      <translation>in einem Text steht ein ungültiges \-Zeichen</translation>
    </message>
    <message>
      <source>invalid \uXXXX escape</source>
      <translation>in einem Text steht ein ungültiges \uXXXX-Zeichen</translation>
    </message>
    <message>
      <source>invalid control character</source>
      <translation>in einem Text steht ein Steuerzeichen</translation>
    </message>
    <message>
      <source>it ended unexpectedly (code {code}); the last it said: {why}</source>
      <translation>es endete unerwartet (Code {code}); zuletzt sagte es: {why}</translation>
    </message>
    <message>
      <source>it ended unexpectedly; the last it said: {why}</source>
      <translation>es endete unerwartet; zuletzt sagte es: {why}</translation>
    </message>
    <message>
      <source>it is a photo, which only another picture replaces</source>
      <translation>dort liegt ein Foto, das nur durch ein anderes Bild ersetzt wird</translation>
    </message>
    <message>
      <source>it is a project, which nothing replaces</source>
      <translation>dort liegt ein Projekt, das durch nichts ersetzt wird</translation>
    </message>
    <message>
      <source>it is no file, but a device or a pipe</source>
      <translation>es ist keine Datei, sondern ein Gerät oder eine Pipe</translation>
    </message>
    <message>
      <source>it is not UTF-8 text</source>
      <translation>kein Text in UTF-8</translation>
    </message>
    <message>
      <source>it said nothing</source>
      <translation>es sagte nichts</translation>
    </message>
    <message>
      <source>its RLE has more than {n} million characters</source>
      <translation>ihre RLE hat mehr als {n} Millionen Zeichen</translation>
    </message>
    <message>
      <source>its image of {w}x{h} has more than {n} million pixels</source>
      <translation>ihr Bild von {w}x{h} hat mehr als {n} Millionen Pixel</translation>
    </message>
    <message>
      <source>joint {n}</source>
      <translation>Gelenk {n}</translation>
    </message>
    <message>
      <source>joints</source>
      <translation>Gelenke</translation>
    </message>
    <message>
      <source>joints AP</source>
      <translation>Gelenke AP</translation>
    </message>
    <message>
      <source>joints AP50</source>
      <translation>Gelenke AP50</translation>
    </message>
    <message>
      <source>joints moved: {n} ({far} px)</source>
      <translation>Gelenke verschoben: {n} ({far} px)</translation>
    </message>
    <message>
      <source>knee</source>
      <translation>Knie</translation>
    </message>
    <message>
      <source>left ankle</source>
      <translation>linker Knöchel</translation>
    </message>
    <message>
      <source>left ear</source>
      <translation>linkes Ohr</translation>
    </message>
    <message>
      <source>left elbow</source>
      <translation>linker Ellbogen</translation>
    </message>
    <message>
      <source>left eye</source>
      <translation>linkes Auge</translation>
    </message>
    <message>
      <source>left hip</source>
      <translation>linke Hüfte</translation>
    </message>
    <message>
      <source>left knee</source>
      <translation>linkes Knie</translation>
    </message>
    <message>
      <source>left out</source>
      <translation>weggelassen</translation>
    </message>
    <message>
      <source>left shoulder</source>
      <translation>linke Schulter</translation>
    </message>
    <message>
      <source>left wrist</source>
      <translation>linkes Handgelenk</translation>
    </message>
    <message>
      <source>limbs</source>
      <translation>Gliedmaßen</translation>
    </message>
    <message>
      <source>made for {w}x{h} pixels, more than {n} million</source>
      <translation>für {w}x{h} Pixel gemacht, das sind mehr als {n} Millionen</translation>
    </message>
    <message>
      <source>made for {w}x{h} pixels, the image has {width}x{height}</source>
      <translation>für {w}x{h} Pixel gemacht, das Bild hat {width}x{height}</translation>
    </message>
    <message>
      <source>mask offsets</source>
      <translation>Abstände in Masken</translation>
    </message>
    <message>
      <source>mask overlap</source>
      <translation>Deckung</translation>
    </message>
    <message>
      <source>mask {came} {went} px</source>
      <translation>Maske {came} {went} px</translation>
    </message>
    <message>
      <source>masks AP</source>
      <translation>Masken AP</translation>
    </message>
    <message>
      <source>masks AP50</source>
      <translation>Masken AP50</translation>
    </message>
    <message>
      <source>min</source>
      <translation>min</translation>
    </message>
    <message>
      <source>minute</source>
      <translation>Minute</translation>
    </message>
    <message>
      <source>minutes</source>
      <translation>Minuten</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>fehlt</translation>
    </message>
    <message>
      <source>model loading</source>
      <translation>Modell lädt</translation>
    </message>
    <message>
      <source>names keypoint {value} of {n}; the skeleton is not used</source>
      <translation>nennt Gelenk {value} von {n}; das Skelett wird nicht benutzt</translation>
    </message>
    <message>
      <source>near offsets</source>
      <translation>nahe Abstände</translation>
    </message>
    <message>
      <source>neck</source>
      <translation>Hals</translation>
    </message>
    <message>
      <source>negative size {w} x {h}</source>
      <translation>negative Größe {w} x {h}</translation>
    </message>
    <message>
      <source>neither a whole number nor text</source>
      <translation>weder eine ganze Zahl noch Text</translation>
    </message>
    <message>
      <source>neither polygons nor RLE</source>
      <translation>weder Polygone noch RLE</translation>
    </message>
    <message>
      <source>new</source>
      <translation>neu</translation>
    </message>
    <message>
      <source>no</source>
      <translation>nein</translation>
    </message>
    <message>
      <source>no GPU found</source>
      <translation>keine GPU gefunden</translation>
    </message>
    <message>
      <source>no image has the id {value}</source>
      <translation>kein Bild hat die ID {value}</translation>
    </message>
    <message>
      <source>no mask</source>
      <translation>keine Maske</translation>
    </message>
    <message>
      <source>no model</source>
      <translation>kein Modell</translation>
    </message>
    <message>
      <source>nose</source>
      <translation>Nase</translation>
    </message>
    <message>
      <source>not UTF-8; read as Latin-1</source>
      <translation>kein UTF-8; als Latin-1 gelesen</translation>
    </message>
    <message>
      <source>not a list</source>
      <translation>keine Liste</translation>
    </message>
    <message>
      <source>not a list of numbers</source>
      <translation>keine Liste von Zahlen</translation>
    </message>
    <message>
      <source>not a table of names and values</source>
      <translation>keine Tabelle aus Namen und Werten</translation>
    </message>
    <message>
      <source>not begun</source>
      <translation>nicht begonnen</translation>
    </message>
    <message>
      <source>not four finite numbers</source>
      <translation>keine vier endlichen Zahlen</translation>
    </message>
    <message>
      <source>not said</source>
      <translation>nicht gesagt</translation>
    </message>
    <message>
      <source>number</source>
      <translation>Zahl</translation>
    </message>
    <message>
      <source>occluded</source>
      <translation>verdeckt</translation>
    </message>
    <message>
      <source>of everybody in the image, also those that came with a file</source>
      <translation>von allen im Bild, auch die aus einer Datei</translation>
    </message>
    <message>
      <source>old</source>
      <translation>alt</translation>
    </message>
    <message>
      <source>one of</source>
      <translation>eines von</translation>
    </message>
    <message>
      <source>people</source>
      <translation>Personen</translation>
    </message>
    <message>
      <source>person</source>
      <translation>Person</translation>
    </message>
    <message>
      <source>placed: {n}</source>
      <translation>gesetzt: {n}</translation>
    </message>
    <message>
      <source>proposals</source>
      <translation>Vorschläge</translation>
    </message>
    <message>
      <source>proposed</source>
      <translation>vorgeschlagen</translation>
    </message>
    <message>
      <source>read only</source>
      <translation>nur lesen</translation>
    </message>
    <message>
      <source>ready</source>
      <translation>bereit</translation>
    </message>
    <message>
      <source>reviewer</source>
      <translation>Prüfer</translation>
    </message>
    <message>
      <source>right ankle</source>
      <translation>rechter Knöchel</translation>
    </message>
    <message>
      <source>right ear</source>
      <translation>rechtes Ohr</translation>
    </message>
    <message>
      <source>right elbow</source>
      <translation>rechter Ellbogen</translation>
    </message>
    <message>
      <source>right eye</source>
      <translation>rechtes Auge</translation>
    </message>
    <message>
      <source>right hip</source>
      <translation>rechte Hüfte</translation>
    </message>
    <message>
      <source>right knee</source>
      <translation>rechtes Knie</translation>
    </message>
    <message>
      <source>right shoulder</source>
      <translation>rechte Schulter</translation>
    </message>
    <message>
      <source>right wrist</source>
      <translation>rechtes Handgelenk</translation>
    </message>
    <message>
      <source>saved</source>
      <translation>gesichert</translation>
    </message>
    <message>
      <source>score {score}</source>
      <translation>Wert {score}</translation>
    </message>
    <message>
      <source>sent back</source>
      <translation>zurückgeschickt</translation>
    </message>
    <message>
      <source>several images of the project came with the id {value}; the first one gets its detections</source>
      <translation>mehrere Bilder des Projekts kamen mit der ID {value}; das erste bekommt ihre Funde</translation>
    </message>
    <message>
      <source>shoulder</source>
      <translation>Schulter</translation>
    </message>
    <message>
      <source>skipped</source>
      <translation>übersprungen</translation>
    </message>
    <message>
      <source>stands in the file twice; both are read</source>
      <translation>steht zweimal in der Datei; beide werden gelesen</translation>
    </message>
    <message>
      <source>stands in the file twice; the last one counts</source>
      <translation>steht zweimal in der Datei; das letzte zählt</translation>
    </message>
    <message>
      <source>starting</source>
      <translation>startet</translation>
    </message>
    <message>
      <source>step {step}</source>
      <translation>Schritt {step}</translation>
    </message>
    <message>
      <source>taken away: {n}</source>
      <translation>entfernt: {n}</translation>
    </message>
    <message>
      <source>text</source>
      <translation>Text</translation>
    </message>
    <message>
      <source>the bundled one</source>
      <translation>das mitgelieferte</translation>
    </message>
    <message>
      <source>the counts of the RLE are neither text nor run lengths</source>
      <translation>counts der RLE ist weder Text noch eine Liste von Längen</translation>
    </message>
    <message>
      <source>the file ends too early; it was probably cut off</source>
      <translation>die Datei endet zu früh; wahrscheinlich wurde sie abgeschnitten</translation>
    </message>
    <message>
      <source>the key {value} stands twice in one object; the last one counts</source>
      <translation>der Schlüssel {value} steht zweimal in einem Objekt; der letzte zählt</translation>
    </message>
    <message>
      <source>the note on {name}</source>
      <translation>die Notiz zu {name}</translation>
    </message>
    <message>
      <source>the notes of a review</source>
      <translation>die Notizen einer Durchsicht</translation>
    </message>
    <message>
      <source>the project has no image with the id {value}; 1 detection is left out</source>
      <translation>das Projekt hat kein Bild mit der ID {value}; 1 Fund bleibt draußen</translation>
    </message>
    <message>
      <source>the project has no image with the id {value}; {n} detections are left out</source>
      <translation>das Projekt hat kein Bild mit der ID {value}; {n} Funde bleiben draußen</translation>
    </message>
    <message>
      <source>the project {name}</source>
      <translation>das Projekt {name}</translation>
    </message>
    <message>
      <source>the refinement of poses and masks</source>
      <translation>Posen und Masken werden verfeinert</translation>
    </message>
    <message>
      <source>the runs of the RLE do not add up to {n} pixels</source>
      <translation>die Längen der RLE ergeben zusammen nicht {n} Pixel</translation>
    </message>
    <message>
      <source>the size of its image is unknown</source>
      <translation>die Größe ihres Bildes ist unbekannt</translation>
    </message>
    <message>
      <source>the text of its RLE is not COCO's packing</source>
      <translation>der Text ihrer RLE ist nicht so gepackt wie bei COCO</translation>
    </message>
    <message>
      <source>there is text after the end of the data</source>
      <translation>nach dem Ende der Daten steht noch Text</translation>
    </message>
    <message>
      <source>this pair and those beyond it</source>
      <translation>dieses Paar und alle dahinter</translation>
    </message>
    <message>
      <source>torch without GPU</source>
      <translation>torch ohne GPU</translation>
    </message>
    <message>
      <source>unlabelled</source>
      <translation>nicht gesetzt</translation>
    </message>
    <message>
      <source>unterminated string</source>
      <translation>ein Text endet nicht</translation>
    </message>
    <message>
      <source>until then it stays as it was drawn</source>
      <translation>bis dahin bleibt sie, wie sie gezeichnet ist</translation>
    </message>
    <message>
      <source>untouched</source>
      <translation>unberührt</translation>
    </message>
    <message>
      <source>values are nested too deeply</source>
      <translation>Werte sind zu tief verschachtelt</translation>
    </message>
    <message>
      <source>visibility</source>
      <translation>Sichtbarkeit</translation>
    </message>
    <message>
      <source>visibility {value} is none of 0, 1, 2</source>
      <translation>die Sichtbarkeit {value} ist weder 0 noch 1 noch 2</translation>
    </message>
    <message>
      <source>visibility: {n}</source>
      <translation>Sichtbarkeit: {n}</translation>
    </message>
    <message>
      <source>visible</source>
      <translation>sichtbar</translation>
    </message>
    <message>
      <source>what was begun in the photo</source>
      <translation>was im Foto angefangen wurde</translation>
    </message>
    <message>
      <source>with a mask</source>
      <translation>mit Maske</translation>
    </message>
    <message>
      <source>with joints</source>
      <translation>mit Gelenken</translation>
    </message>
    <message>
      <source>worse</source>
      <translation>schlechter</translation>
    </message>
    <message>
      <source>wrist</source>
      <translation>Handgelenk</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>ja</translation>
    </message>
    <message>
      <source>yes / no</source>
      <translation>ja / nein</translation>
    </message>
    <message>
      <source>{attribute} of a person in {name}</source>
      <translation>{attribute} einer Person in {name}</translation>
    </message>
    <message>
      <source>{confirm_image} confirms the image and shows the next. Everything is saved as you go; {undo} goes back without end. {cheat_sheet} shows all keys.</source>
      <translation>{confirm_image} bestätigt das Bild und zeigt das nächste. Alles wird laufend gesichert; {undo} macht beliebig viele Schritte rückgängig. {cheat_sheet} zeigt alle Tasten.</translation>
    </message>
    <message>
      <source>{count} hidden proposals were left out.</source>
      <translation>{count} ausgeblendete Vorschläge wurden ausgelassen.</translation>
    </message>
    <message>
      <source>{count} images</source>
      <translation>{count} Bilder</translation>
    </message>
    <message>
      <source>{count} locked people keep their masks.</source>
      <translation>{count} gesperrte Personen behalten ihre Masken.</translation>
    </message>
    <message>
      <source>{count} people</source>
      <translation>{count} Personen</translation>
    </message>
    <message>
      <source>{count} people of {name} do not fit into this image, which has another size, and were left out.</source>
      <translation>{count} Personen aus {name} passen nicht in dieses Bild, das eine andere Größe hat, und wurden weggelassen.</translation>
    </message>
    <message>
      <source>{count} people were found whose scores are below the slider ({score}).</source>
      <translation>{count} Personen wurden gefunden, deren Wert unter dem Regler liegt ({score}).</translation>
    </message>
    <message>
      <source>{count} photos are not in {folder}.</source>
      <translation>{count} Fotos sind nicht in {folder}.</translation>
    </message>
    <message>
      <source>{count} photos found again, {missing} still missing.</source>
      <translation>{count} Fotos wiedergefunden, noch nicht gefunden: {missing}.</translation>
    </message>
    <message>
      <source>{count} photos that the file names are not in {folder}.</source>
      <translation>{count} Fotos, die die Datei nennt, liegen nicht in {folder}.</translation>
    </message>
    <message>
      <source>{count} places in {name} could not be read; they are kept as they are. The first: {first}</source>
      <translation>{count} Stellen in {name} sind nicht lesbar; sie bleiben, wie sie sind. Die erste: {first}</translation>
    </message>
    <message>
      <source>{count} proposals are not accepted and would be left out. {accept}: accept them all · {confirm} again: go on without them.</source>
      <translation>{count} Vorschläge sind nicht angenommen und blieben weg. {accept}: alle annehmen · {confirm} noch einmal: ohne sie weiter.</translation>
    </message>
    <message>
      <source>{cycle_visibility} over a joint: visible, occluded, not labelled. {confirm_person} confirms a person, {accept_all} takes all proposals. {isolate} isolates one person in a crowd.</source>
      <translation>{cycle_visibility} über einem Gelenk: sichtbar, verdeckt, nicht gesetzt. {confirm_person} bestätigt eine Person, {accept_all} nimmt alle Vorschläge an. {isolate} stellt eine Person in der Menge frei.</translation>
    </message>
    <message>
      <source>{done} / {all} done</source>
      <translation>{done} / {all} fertig</translation>
    </message>
    <message>
      <source>{error} in line {n}</source>
      <translation>{error} (Zeile {n})</translation>
    </message>
    <message>
      <source>{error}; restore the project from a backup.</source>
      <translation>{error}; bitte das Projekt aus einer Sicherung wiederherstellen.</translation>
    </message>
    <message>
      <source>{images} with {people}</source>
      <translation>{images} mit {people}</translation>
    </message>
    <message>
      <source>{image}: “{typed}” was being typed for {name}, but the person or the value is another one now and stays as it is.</source>
      <translation>{image}: „{typed}“ wurde gerade für {name} eingegeben, aber die Person oder der Wert ist inzwischen ein anderer und bleibt, wie er ist.</translation>
    </message>
    <message>
      <source>{joint} · not labelled</source>
      <translation>{joint} · nicht gesetzt</translation>
    </message>
    <message>
      <source>{joint} · occluded</source>
      <translation>{joint} · verdeckt</translation>
    </message>
    <message>
      <source>{key} belongs to “{action}” now; it would lose it.</source>
      <translation>{key} gehört jetzt zu „{action}“; die Aktion würde sie verlieren.</translation>
    </message>
    <message>
      <source>{left} left</source>
      <translation>{left} übrig</translation>
    </message>
    <message>
      <source>{left} {unit} left</source>
      <translation>noch {left} {unit}</translation>
    </message>
    <message>
      <source>{name} belongs to another network or recipe ({error}).</source>
      <translation>{name} gehört zu einem anderen Netz oder Rezept ({error}).</translation>
    </message>
    <message>
      <source>{name} can't be made in {place} ({error}); choose another folder.</source>
      <translation>{name} kann in {place} nicht angelegt werden ({error}); bitte einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} can't be opened for writing because its folder can't be written ({error}); open it for reading only, or copy it to a folder of yours.</source>
      <translation>{name} lässt sich nicht zum Schreiben öffnen, weil sein Ordner sich nicht beschreiben lässt ({error}); öffne es nur zum Lesen oder kopiere es in einen eigenen Ordner.</translation>
    </message>
    <message>
      <source>{name} can't be opened; check that its folder exists and can be written.</source>
      <translation>{name} lässt sich nicht öffnen; prüfe, ob es seinen Ordner gibt und ob er sich beschreiben lässt.</translation>
    </message>
    <message>
      <source>{name} can't be read ({error}).</source>
      <translation>{name} lässt sich nicht lesen ({error}).</translation>
    </message>
    <message>
      <source>{name} can't be read ({error}); check that it exists and may be read.</source>
      <translation>{name} ist nicht lesbar ({error}); bitte prüfen, ob es die Datei gibt und sie gelesen werden darf.</translation>
    </message>
    <message>
      <source>{name} can't be read as JSON ({error}).</source>
      <translation>{name} ist nicht als JSON lesbar ({error}).</translation>
    </message>
    <message>
      <source>{name} can't be written ({error}).</source>
      <translation>{name} ist nicht schreibbar ({error}).</translation>
    </message>
    <message>
      <source>{name} can't be written ({error}); choose another place.</source>
      <translation>{name} ist nicht schreibbar ({error}); bitte einen anderen Ort wählen.</translation>
    </message>
    <message>
      <source>{name} can't be written ({error}); free some space or make it writable.</source>
      <translation>{name} ist nicht schreibbar ({error}); bitte Platz schaffen oder schreibbar machen.</translation>
    </message>
    <message>
      <source>{name} can't be written ({error}); free some space or name another cache folder.</source>
      <translation>{name} ist nicht schreibbar ({error}); bitte Platz schaffen oder einen anderen Zwischenspeicher nennen.</translation>
    </message>
    <message>
      <source>{name} could not be brought to the disk; see whether it is full, and try again.</source>
      <translation>{name} konnte nicht auf den Datenträger geschrieben werden; bitte nachsehen, ob er voll ist, und noch einmal versuchen.</translation>
    </message>
    <message>
      <source>{name} could not be read or written ({error}); everything before the last step is safe. Check the disk, its free space and the network, and repeat it.</source>
      <translation>{name} konnte nicht gelesen oder geschrieben werden ({error}); alles vor dem letzten Schritt ist sicher. Prüfe den Datenträger, seinen freien Platz und das Netz und wiederhole ihn.</translation>
    </message>
    <message>
      <source>{name} could not be used ({error}); restore it from a backup if this stays.</source>
      <translation>{name} ließ sich nicht benutzen ({error}); stelle es aus einer Sicherung wieder her, wenn das so bleibt.</translation>
    </message>
    <message>
      <source>{name} could not be written because the disk is full; everything before the last step is safe. Free some space and repeat it.</source>
      <translation>{name} konnte nicht geschrieben werden, weil der Datenträger voll ist; alles vor dem letzten Schritt ist sicher. Schaffe Platz und wiederhole ihn.</translation>
    </message>
    <message>
      <source>{name} describes a network that can't be ({error}).</source>
      <translation>{name} beschreibt ein Netz, das es nicht geben kann ({error}).</translation>
    </message>
    <message>
      <source>{name} does not describe a run ({error}).</source>
      <translation>{name} beschreibt kein Training ({error}).</translation>
    </message>
    <message>
      <source>{name} does not end in .json; choose another name, so that no project and no photo is replaced.</source>
      <translation>{name} endet nicht auf .json; wähle einen anderen Namen, damit kein Projekt und kein Foto ersetzt wird.</translation>
    </message>
    <message>
      <source>{name} does not exist.</source>
      <translation>{name} gibt es nicht.</translation>
    </message>
    <message>
      <source>{name} does not exist; check the name, or make a new project.</source>
      <translation>{name} gibt es nicht; prüfe den Namen oder lege ein neues Projekt an.</translation>
    </message>
    <message>
      <source>{name} does not fit in memory; close other programs or scale it down first.</source>
      <translation>{name} passt nicht in den Speicher; schließe andere Programme oder verkleinere es erst.</translation>
    </message>
    <message>
      <source>{name} does not fit in memory; close other programs.</source>
      <translation>{name} passt nicht in den Speicher; schließe andere Programme.</translation>
    </message>
    <message>
      <source>{name} does not say which version of the format it has.</source>
      <translation>{name} sagt nicht, welche Version des Formats sie hat.</translation>
    </message>
    <message>
      <source>{name} exists already; choose another name or folder, or take it away.</source>
      <translation>{name} gibt es schon; einen anderen Namen oder Ordner wählen oder die Datei wegräumen.</translation>
    </message>
    <message>
      <source>{name} has a person with one of these ids already; use a new id.</source>
      <translation>{name} hat schon eine Person mit einer dieser IDs; bitte eine neue verwenden.</translation>
    </message>
    <message>
      <source>{name} has an image with one of these ids already; use a new id.</source>
      <translation>{name} hat schon ein Bild mit einer dieser IDs; bitte eine neue verwenden.</translation>
    </message>
    <message>
      <source>{name} has format version {n}; this program reads up to {m}. Update kdc-annotator.</source>
      <translation>{name} hat Formatversion {n}; dieses Programm liest bis {m}. Bitte kdc-annotator aktualisieren.</translation>
    </message>
    <message>
      <source>{name} has more than {limit} million pixels; scale it down first.</source>
      <translation>{name} hat mehr als {limit} Millionen Pixel; verkleinere es erst.</translation>
    </message>
    <message>
      <source>{name} has neither images nor annotations; choose a COCO annotation file or a list of results.</source>
      <translation>{name} hat weder Bilder noch Annotationen; wähle eine COCO-Datei oder eine Liste von Ergebnissen.</translation>
    </message>
    <message>
      <source>{name} has no image with the id {n}.</source>
      <translation>{name} hat kein Bild mit der ID {n}.</translation>
    </message>
    <message>
      <source>{name} has no open proposal with the id {n}.</source>
      <translation>{name} hat keinen offenen Vorschlag mit der Nummer {n}.</translation>
    </message>
    <message>
      <source>{name} has no person with the id {n}; it may have been deleted.</source>
      <translation>{name} hat keine Person mit der Nummer {n}; vielleicht wurde sie gelöscht.</translation>
    </message>
    <message>
      <source>{name} has no photo that can be used: {error}</source>
      <translation>{name} hat kein Foto, das sich verwenden lässt: {error}</translation>
    </message>
    <message>
      <source>{name} has nobody to copy.</source>
      <translation>In {name} ist niemand, der sich kopieren ließe.</translation>
    </message>
    <message>
      <source>{name} has {w} x {h} pixels, more than {limit} million; scale it down first.</source>
      <translation>{name} hat {w} x {h} Pixel, mehr als {limit} Millionen; verkleinere es erst.</translation>
    </message>
    <message>
      <source>{name} has {w}x{h} pixels, its annotations say {width}x{height}.</source>
      <translation>{name} hat {w}x{h} Pixel, seine Annotationen sagen {width}x{height}.</translation>
    </message>
    <message>
      <source>{name} has {w}x{h} pixels, more than {n} million; scale it down</source>
      <translation>{name} hat {w}x{h} Pixel, mehr als {n} Millionen; bitte verkleinern</translation>
    </message>
    <message>
      <source>{name} holds a run already; add --resume to go on with it, or choose another folder with -o.</source>
      <translation>{name} enthält schon ein Training; mit --resume fortsetzen oder mit -o einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} holds no model; name one with --model.</source>
      <translation>{name} enthält kein Modell; bitte eines mit --model nennen.</translation>
    </message>
    <message>
      <source>{name} holds no saved run; start one without --resume.</source>
      <translation>{name} enthält kein gespeichertes Training; bitte eines ohne --resume beginnen.</translation>
    </message>
    <message>
      <source>{name} holds weights that are not numbers; use another copy.</source>
      <translation>{name} enthält Gewichte, die keine Zahlen sind; bitte eine andere Kopie verwenden.</translation>
    </message>
    <message>
      <source>{name} is a HEIC photo, which can't be read here; convert it to JPEG first.</source>
      <translation>{name} ist ein HEIC-Foto, das sich hier nicht lesen lässt; wandle es erst in JPEG um.</translation>
    </message>
    <message>
      <source>{name} is a folder; name a file to write.</source>
      <translation>{name} ist ein Ordner; bitte eine Datei nennen.</translation>
    </message>
    <message>
      <source>{name} is a folder; name the model file in it.</source>
      <translation>{name} ist ein Ordner; bitte die Modelldatei darin nennen.</translation>
    </message>
    <message>
      <source>{name} is a list of detections without images; import it into a project instead.</source>
      <translation>{name} ist eine Liste von Erkennungen ohne Bilder; bitte stattdessen in ein Projekt importieren.</translation>
    </message>
    <message>
      <source>{name} is a safetensors file, but no KDC model; choose one made by kdc-annotator train.</source>
      <translation>{name} ist eine safetensors-Datei, aber kein KDC-Modell; bitte eines wählen, das kdc-annotator train gemacht hat.</translation>
    </message>
    <message>
      <source>{name} is being imported. Closing now imports nothing of it.</source>
      <translation>{name} wird gerade importiert. Wer jetzt schließt, importiert nichts davon.</translation>
    </message>
    <message>
      <source>{name} is damaged or cut off and can't be read; copy it again from where it came.</source>
      <translation>{name} ist beschädigt oder abgeschnitten und lässt sich nicht lesen; kopiere es noch einmal von dort, woher es kam.</translation>
    </message>
    <message>
      <source>{name} is damaged or not a project; restore it from a backup.</source>
      <translation>{name} ist beschädigt oder kein Projekt; stelle es aus einer Sicherung wieder her.</translation>
    </message>
    <message>
      <source>{name} is empty (0 bytes); copy the photo again from where it came.</source>
      <translation>{name} ist leer (0 Bytes); kopiere das Foto noch einmal von dort, woher es kam.</translation>
    </message>
    <message>
      <source>{name} is full of runs of this minute.</source>
      <translation>{name} ist voller Trainings dieser Minute.</translation>
    </message>
    <message>
      <source>{name} is in use by another program; close it there and try again.</source>
      <translation>{name} wird von einem anderen Programm benutzt; schließe es dort und versuche es noch einmal.</translation>
    </message>
    <message>
      <source>{name} is neither a folder, a photo, a COCO file (.json) nor a project (.kdcproj).</source>
      <translation>{name} ist weder ein Ordner noch ein Foto, eine COCO-Datei (.json) oder ein Projekt (.kdcproj).</translation>
    </message>
    <message>
      <source>{name} is no JSON text ({error}).</source>
      <translation>{name} ist kein JSON-Text ({error}).</translation>
    </message>
    <message>
      <source>{name} is not UTF-8 text; save it as UTF-8 and try again.</source>
      <translation>{name} ist kein UTF-8-Text; speichere es als UTF-8 und versuche es noch einmal.</translation>
    </message>
    <message>
      <source>{name} is not a KDC Annotator project; choose a .kdcproj file.</source>
      <translation>{name} ist kein Projekt des KDC Annotator; wähle eine .kdcproj-Datei.</translation>
    </message>
    <message>
      <source>{name} is not a file; name a photo.</source>
      <translation>{name} ist keine Datei; nenne ein Foto.</translation>
    </message>
    <message>
      <source>{name} is not a folder; --images names the folder that holds the photos.</source>
      <translation>{name} ist kein Ordner; dort sollten die Fotos liegen.</translation>
    </message>
    <message>
      <source>{name} is not a model file or is cut short ({error}).</source>
      <translation>{name} ist keine Modelldatei oder abgeschnitten ({error}).</translation>
    </message>
    <message>
      <source>{name} is not a training state or is cut short ({error}).</source>
      <translation>{name} ist kein Stand eines Trainings oder abgeschnitten ({error}).</translation>
    </message>
    <message>
      <source>{name} is not an image of a known kind (JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000).</source>
      <translation>{name} ist kein Bild einer bekannten Art (JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000).</translation>
    </message>
    <message>
      <source>{name} is not in {place}; name the folder with --images.</source>
      <translation>{name} ist nicht in {place}; bitte den Ordner der Fotos zugänglich machen.</translation>
    </message>
    <message>
      <source>{name} is not the state of a training run.</source>
      <translation>{name} ist nicht der Stand eines Trainings.</translation>
    </message>
    <message>
      <source>{name} is not valid JSON at line {n} (byte {m}): {error}.</source>
      <translation>{name} ist in Zeile {n} (Byte {m}) kein gültiges JSON: {error}.</translation>
    </message>
    <message>
      <source>{name} is not valid JSON: {error}.</source>
      <translation>{name} ist kein gültiges JSON: {error}.</translation>
    </message>
    <message>
      <source>{name} is of an older version ({n}); open it for writing once, which brings it up to date.</source>
      <translation>{name} ist von einer älteren Version ({n}); einmal zum Schreiben öffnen, das bringt es auf den neuen Stand.</translation>
    </message>
    <message>
      <source>{name} is open for writing {who}; close it there, or open it here for reading only.</source>
      <translation>{name} ist schon zum Schreiben offen ({who}); schließe es dort oder öffne es hier nur zum Lesen.</translation>
    </message>
    <message>
      <source>{name} is {size} GiB; photos of more than 2 GiB are refused.</source>
      <translation>{name} hat {size} GiB; Fotos von mehr als 2 GiB werden nicht angenommen.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels, the project says {w} x {h}: put the original back, or import it anew.</source>
      <translation>{name} hat {width} x {height} Pixel, das Projekt sagt {w} x {h}: Lege das Original zurück oder importiere neu.</translation>
    </message>
    <message>
      <source>{name} is {w}x{h}, its annotations are for {width}x{height}.</source>
      <translation>{name} hat {w}x{h} Pixel, seine Annotationen gelten für {width}x{height}.</translation>
    </message>
    <message>
      <source>{name} or its folder can't be written; open the project for reading only, or copy it to a folder of yours.</source>
      <translation>{name} oder sein Ordner lässt sich nicht beschreiben; öffne das Projekt nur zum Lesen oder kopiere es in einen eigenen Ordner.</translation>
    </message>
    <message>
      <source>{name} was imported before the project was closed.</source>
      <translation>{name} wurde importiert, bevor das Projekt geschlossen wurde.</translation>
    </message>
    <message>
      <source>{name} was moved, deleted or replaced by another program while it was open here, so nothing can be stored in it. Save what is open here under another name, or put the file back.</source>
      <translation>{name} wurde von einem anderen Programm verschoben, gelöscht oder ersetzt, während es hier offen war, also kann nichts darin gespeichert werden. Speichere, was hier offen ist, unter einem anderen Namen, oder lege die Datei zurück.</translation>
    </message>
    <message>
      <source>{name} was not imported: nothing of it is in the project.</source>
      <translation>{name} wurde nicht importiert: Nichts davon ist im Projekt.</translation>
    </message>
    <message>
      <source>{name} was opened for reading only; open it for writing to change it.</source>
      <translation>{name} ist nur zum Lesen geöffnet; zum Ändern zum Schreiben öffnen.</translation>
    </message>
    <message>
      <source>{name} was opened for reading only; open it for writing to compact it.</source>
      <translation>{name} ist nur zum Lesen geöffnet; zum Verkleinern zum Schreiben öffnen.</translation>
    </message>
    <message>
      <source>{name} was opened for reading only; open the project for writing to edit it.</source>
      <translation>{name} wurde nur zum Lesen geöffnet; öffne das Projekt zum Schreiben, um es zu bearbeiten.</translation>
    </message>
    <message>
      <source>{name} was written by a newer KDC Annotator (file version {n}, this program knows {m}); update the program.</source>
      <translation>{name} hat ein neuerer KDC Annotator geschrieben (Dateiversion {n}, dieses Programm kennt {m}); aktualisiere das Programm.</translation>
    </message>
    <message>
      <source>{name} was written by a newer kdc-annotator; update to resume it.</source>
      <translation>{name} wurde von einem neueren kdc-annotator geschrieben; zum Weitermachen bitte aktualisieren.</translation>
    </message>
    <message>
      <source>{name}: a step of this image's history is missing; the image itself is as it was.</source>
      <translation>{name}: Im Verlauf dieses Bildes fehlt ein Schritt; das Bild selbst ist, wie es war.</translation>
    </message>
    <message>
      <source>{name}: its size is not known; open it once in the app</source>
      <translation>{name}: die Größe ist nicht bekannt; bitte einmal in der Anwendung öffnen</translation>
    </message>
    <message>
      <source>{name}: the mask of person {n} can't be used ({error})</source>
      <translation>{name}: die Maske von Person {n} ist nicht zu gebrauchen ({error})</translation>
    </message>
    <message>
      <source>{name}: the photo is not in {place}</source>
      <translation>{name}: das Foto ist nicht in {place}</translation>
    </message>
    <message>
      <source>{name}: this step no longer fits the people in the image; it was left as it is.</source>
      <translation>{name}: Dieser Schritt passt nicht mehr zu den Personen im Bild; es blieb, wie es ist.</translation>
    </message>
    <message>
      <source>{name}: {error}.</source>
      <translation>{name}: {error}.</translation>
    </message>
    <message>
      <source>{n} instead of {m} values</source>
      <translation>{n} statt {m} Werte</translation>
    </message>
    <message>
      <source>{n} joints</source>
      <translation>{n} Gelenke</translation>
    </message>
    <message>
      <source>{n} of {m} is another photo in {place} than in {other}, the project's images folder; name a folder that holds both with --images, or import it into a project of its own.</source>
      <translation>{n} von {m} ist in {place} ein anderes Foto als in {other}, dem Bilderordner des Projekts; mit --images einen Ordner nennen, der beide enthält, oder in ein eigenes Projekt importieren.</translation>
    </message>
    <message>
      <source>{n} of {of} joints</source>
      <translation>{n} von {of} Gelenken</translation>
    </message>
    <message>
      <source>{n} photos in a row can't be used; the first: {error}</source>
      <translation>{n} Fotos hintereinander sind nicht zu gebrauchen; das erste: {error}</translation>
    </message>
    <message>
      <source>{n} photos lie in {place}, so the others are only looked for below it; move them there, or choose a folder that holds all of them.</source>
      <translation>{n} Fotos liegen in {place}, darum werden die anderen nur darunter gesucht; bitte dorthin verschieben oder einen Ordner wählen, der alle enthält.</translation>
    </message>
    <message>
      <source>{n} tiny holes</source>
      <translation>{n} winzige Löcher</translation>
    </message>
    <message>
      <source>{n} tiny specks</source>
      <translation>{n} winzige Flecken</translation>
    </message>
    <message>
      <source>{path} does not exist; check the name.</source>
      <translation>{path} gibt es nicht; prüfe den Namen.</translation>
    </message>
    <message>
      <source>{person} got no other joints, since you went on; {key} places them.</source>
      <translation>{person} hat keine weiteren Gelenke bekommen, weil du weitergemacht hast; {key} setzt sie.</translation>
    </message>
    <message>
      <source>{place} can't be written ({why}).</source>
      <translation>In {place} kann nicht geschrieben werden ({why}).</translation>
    </message>
    <message>
      <source>{place} can't be written.</source>
      <translation>In {place} kann nicht geschrieben werden.</translation>
    </message>
    <message>
      <source>{rate} / h</source>
      <translation>{rate} / h</translation>
    </message>
    <message>
      <source>{shown} of {total}</source>
      <translation>{shown} von {total}</translation>
    </message>
    <message>
      <source>{tool_brush} paints, {tool_eraser} erases, {tool_polygon} draws a polygon, {tool_add_person} adds a person joint by joint. Shift and the wheel change the size of the brush.</source>
      <translation>{tool_brush} malt, {tool_eraser} radiert, {tool_polygon} zieht ein Polygon, {tool_add_person} fügt eine Person Gelenk für Gelenk hinzu. Umschalt und das Rad ändern die Größe des Pinsels.</translation>
    </message>
    <message>
      <source>{value} can't be an id</source>
      <translation>{value} kann keine ID sein</translation>
    </message>
    <message>
      <source>{value} holds half a character; rename the photo</source>
      <translation>{value} enthält ein halbes Zeichen; bitte das Foto umbenennen</translation>
    </message>
    <message>
      <source>{value} is another type than the image's id {other}</source>
      <translation>{value} ist von anderer Art als die ID {other} des Bildes</translation>
    </message>
    <message>
      <source>{value} is neither 0 nor 1</source>
      <translation>{value} ist weder 0 noch 1</translation>
    </message>
    <message>
      <source>{value} is no category with keypoints</source>
      <translation>{value} ist keine Kategorie mit Gelenken</translation>
    </message>
    <message>
      <source>{value} is not a count of pixels</source>
      <translation>{value} ist keine Anzahl von Pixeln</translation>
    </message>
    <message>
      <source>{value} is not a finite number</source>
      <translation>{value} ist keine endliche Zahl</translation>
    </message>
    <message>
      <source>{value} is not a whole number</source>
      <translation>{value} ist keine ganze Zahl</translation>
    </message>
    <message>
      <source>{value} is not an area</source>
      <translation>{value} ist keine Fläche</translation>
    </message>
    <message>
      <source>{value} is read as {n}, and so are all others</source>
      <translation>{value} wird als {n} gelesen, alle anderen auch so</translation>
    </message>
    <message>
      <source>{value} is text where COCO has whole numbers; it is {n} here</source>
      <translation>{value} ist Text, wo COCO ganze Zahlen hat; hier ist es {n}</translation>
    </message>
    <message>
      <source>{value} is used twice</source>
      <translation>{value} kommt zweimal vor</translation>
    </message>
    <message>
      <source>{value} is used twice; annotations go to the first image</source>
      <translation>{value} kommt zweimal vor; Annotationen gehen an das erste Bild</translation>
    </message>
    <message>
      <source>{value} is used twice; the first one counts</source>
      <translation>{value} kommt zweimal vor; das erste zählt</translation>
    </message>
    <message>
      <source>{value} leads out of the images folder by a link, and such links are not followed; put the photo itself there</source>
      <translation>{value} führt über einen Link aus dem Bilderordner hinaus, und solchen Links wird nicht gefolgt; leg das Foto selbst dorthin</translation>
    </message>
    <message>
      <source>{value} leads out of the images folder; only paths inside it are read</source>
      <translation>{value} führt aus dem Bilderordner hinaus; gelesen wird nur darin</translation>
    </message>
    <message>
      <source>{value}: a schema has 1 to {n} keypoints, not {m}</source>
      <translation>{value}: ein Schema hat 1 bis {n} Gelenke, nicht {m}</translation>
    </message>
    <message>
      <source>{value}: keypoint names must differ from each other</source>
      <translation>{value}: die Namen der Gelenke müssen verschieden sein</translation>
    </message>
    <message>
      <source>{value}: the edge {a}-{b} does not join two keypoints, because there is 1</source>
      <translation>{value}: die Kante {a}-{b} verbindet nicht zwei Gelenke, denn es gibt nur 1</translation>
    </message>
    <message>
      <source>{value}: the edge {a}-{b} does not join two of the {n} keypoints</source>
      <translation>{value}: die Kante {a}-{b} verbindet nicht zwei der {n} Gelenke</translation>
    </message>
    <message>
      <source>{who}: the value of {name} could not be stored; it waits there.</source>
      <translation>{who}: Der Wert von {name} ließ sich nicht speichern; er wartet dort.</translation>
    </message>
    <message>
      <source>{who}: “{typed}” is no number, so {name} stays as it was.</source>
      <translation>{who}: „{typed}“ ist keine Zahl, {name} bleibt deshalb, wie es war.</translation>
    </message>
    <message>
      <source>{why} Nobody is proposed, and masks do not follow; you can go on by hand, or try again.</source>
      <translation>{why} Niemand wird vorgeschlagen, und Masken folgen nicht; du kannst von Hand weiterarbeiten oder es noch einmal versuchen.</translation>
    </message>
  </context>
  <context>
    <name>QKeySequenceEdit</name>
    <message>
      <source>Press shortcut</source>
      <translation>Drücke die neue Taste</translation>
    </message>
  </context>
  <context>
    <name>QFileDialog</name>
    <message>
      <source>%1
File not found.
Please verify the correct file name was given.</source>
      <translation>%1
Diese Datei gibt es nicht.
Stimmt der Name?</translation>
    </message>
  </context>
  <context>
    <name>QFileDialog</name>
    <message>
      <source>%1
Directory not found.
Please verify the correct directory name was given.</source>
      <translation>%1
Diesen Ordner gibt es nicht.
Stimmt der Name?</translation>
    </message>
  </context>
  <context>
    <name>QFileDialog</name>
    <message>
      <source>'%1' is write protected.
Do you want to delete it anyway?</source>
      <translation>„%1“ ist schreibgeschützt.
Trotzdem löschen?</translation>
    </message>
  </context>
  <context>
    <name>QFileDialog</name>
    <message>
      <source>Are you sure you want to delete '%1'?</source>
      <translation>„%1“ wirklich löschen?</translation>
    </message>
  </context>
</TS>
