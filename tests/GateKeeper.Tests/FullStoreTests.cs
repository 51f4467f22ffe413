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
            using var database = Database.Open(Path.Combine(folder.FullName, "store.db"));
            var notebook = new Notebook(database, TimeProvider.System);
            database.Do("PRAGMA max_page_count = 1");
            var words = new string('w', 100_000);

            Assert.That(notebook.Raise("unreachable:tool", words));
            Assert.That(notebook.Raise("unreachable:tool", words), Is.False, "it says nothing new");
            Assert.That(notebook.Alarms.Single().Words, Does.StartWith(words).And.Contain("the store did not take this alarm").And.Contain("full"));

            database.Do("PRAGMA max_page_count = 100000");
            Assert.That(notebook.Raise("unreachable:tool", words));
            Assert.That(notebook.Alarms.Single().Words, Is.EqualTo(words));
            notebook.Mend("unreachable:tool");
            Assert.That(notebook.Alarms, Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
