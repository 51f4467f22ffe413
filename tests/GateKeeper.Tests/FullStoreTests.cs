using GateKeeper.Store;

namespace GateKeeper.Tests;

/// <summary>A disk that is full takes no alarm, and is itself what people must hear of.</summary>
public sealed class FullStoreTests
{
    [Test]
    public void An_alarm_that_cannot_be_stored_is_still_shown_until_it_is_mended()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var time = new ManualTime();
            using var database = Database.Open(Path.Combine(folder.FullName, "store.db"), time);
            var notebook = new Notebook(database, time);
            database.Do("PRAGMA max_page_count = 1");
            var words = new string('w', 100_000);

            Assert.That(notebook.Raise("unreachable:tool", words));
            Assert.That(notebook.Raise("unreachable:tool", words), Is.False, "it says nothing new");
            Assert.That(notebook.Alarms[0].Words, Does.StartWith(words).And.Contain("the store did not take this alarm").And.Contain("full"));
            Assert.That(notebook.Alarms[0].Lasts, Does.Contain("cannot be acknowledged"));
            Assert.That(notebook.Alarms[1].Words, Does.StartWith("the store ").And.Contain("cannot be written: ").And.Contain("Free space there"));

            // What happened once is not said again: it is stored when there is room, with any other.
            database.Do("PRAGMA max_page_count = 100000");
            notebook.Mend("another");
            Assert.That(notebook.Alarms[0], Is.EqualTo(new AlarmRecord("unreachable:tool", words, time.GetUtcNow(), null)));
            time.Pass(TimeSpan.FromMinutes(1));
            Assert.That(notebook.Alarms.Select(alarm => alarm.Name), Is.EqualTo(new[] { "unreachable:tool" }));
            notebook.Mend("unreachable:tool");
            Assert.That(notebook.Alarms, Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
